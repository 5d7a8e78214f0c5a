"""`python -m bot`: the same as `vigie`."""

import sys

try:
    from bot.cli import main
except KeyboardInterrupt:
    # Ctrl-C while everything is being read in: nothing has begun that would have to end.
    sys.exit(130)

if __name__ == "__main__":
    main()
