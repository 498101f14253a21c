"""A pytest plugin that trusts the system's store as a suite's conftest does: ``-p by_truststore``."""

import truststore

truststore.inject_into_ssl()
