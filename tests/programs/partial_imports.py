"""Imports libraries as `fakekit serve` does, and then uses what was left out."""

from fakekit.cli.libraries import import_partially


def main() -> None:
    import_partially(with_yaml=True)
    import sys

    from marshmallow import ValidationError, validate

    from fakekit.world.names import names

    print(names("tw_GH").male[1][:2])
    print("faker.providers.bank" in sys.modules)
    print(validate.Email()("ama@example.com"))
    try:
        validate.Email()("ama@example")
    except ValidationError as error:
        print(error)
    import faker

    print(faker.Faker("en_GB").__class__.__name__)


if __name__ == "__main__":
    main()
