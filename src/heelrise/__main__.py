"""`python -m heelrise`: the same as the command `heelrise`."""

import sys

from heelrise.cli import main

sys.exit(main())
