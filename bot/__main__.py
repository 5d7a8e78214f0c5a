"""`vigie`, and `python -m bot`."""

import gc
import sys

# What is read in stays: looked through for garbage again and again meanwhile, it makes every command a quarter longer.
gc.disable()
try:
    from bot.cli import main
except KeyboardInterrupt:
    # Ctrl-C while everything is being read in: nothing has begun that would have to end.
    sys.exit(130)
gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
