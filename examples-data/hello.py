"""Greets people by name, each once."""

import argparse


def greeting(name: str, loud: bool = False) -> str:
    """Return a greeting for one person."""
    text = f"Hello, {name}!"
    return text.upper() if loud else text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--loud", action="store_true")
    arguments = parser.parse_args()
    for name in dict.fromkeys(arguments.names):
        print(greeting(name, arguments.loud))


if __name__ == "__main__":
    main()
