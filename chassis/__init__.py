"""What every service is built on; nothing of the domain."""

import warnings

# Eventlet's deprecation is known and planned for (docs/decisions/0003).
warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated")
