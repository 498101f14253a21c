"""What pytest-django needs: a project without a database."""

SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["*"]
