"""The program as something that is handed over: bundles that install without a network, and updates from a signed file."""

from kiosk.release.autostart import Autostart
from kiosk.release.gathering import Plan, gather
from kiosk.release.home import RESTART_STATUS, Home, another_version_waits, running_version
from kiosk.release.manifest import Manifest
from kiosk.release.platforms import PLATFORMS
from kiosk.release.updating import Offer, adopt, can_go_back, go_back, look, offers, update

__all__ = [
    "PLATFORMS",
    "RESTART_STATUS",
    "Autostart",
    "Home",
    "Manifest",
    "Offer",
    "Plan",
    "adopt",
    "another_version_waits",
    "can_go_back",
    "gather",
    "go_back",
    "look",
    "offers",
    "running_version",
    "update",
]
