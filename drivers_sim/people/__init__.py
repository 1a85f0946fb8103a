"""People who do not exist."""

from drivers_sim.people.faces import FACES, FaceInfo, Look, chip_photo, live_picture, portrait_jpeg

__all__ = ["FACES", "FaceInfo", "Look", "chip_photo", "live_picture", "portrait_jpeg"]
