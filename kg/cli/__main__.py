"""``python -m kg.cli`` is the command ``kg``."""

import sys

from kg.cli.app import main

sys.exit(main())
