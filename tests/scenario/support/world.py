"""What a follower of /events knows: objects that tell what changed, joined as lb/admin/live.h says."""

import copy

MAPS = ("listeners", "services", "service_numbers", "endpoints", "endpoint_numbers", "changes",
        "left_out", "sample")


def join(world, told):
    """Gives the world after what was told; leaves the one before as it was."""
    if told.get("full"):
        return copy.deepcopy(told)
    world = dict(world)
    for name, value in told.items():
        if name not in MAPS:
            world[name] = value
            continue
        world[name] = {**world[name], **value}
        for key in [key for key, entry in value.items() if entry is None]:
            del world[name][key]
    return world
