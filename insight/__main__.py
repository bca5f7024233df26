"""``python -m insight``: what the script ``smp`` starts."""

from insight.cli import main

if __name__ == "__main__":
    main()
