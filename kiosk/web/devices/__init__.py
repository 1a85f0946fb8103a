"""设备检测: the devices' page."""

from kiosk.web.devices.views import views

__all__ = ["views"]
