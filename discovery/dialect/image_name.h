/* What an image is called, without where it is kept and which one it is. Pure. */
#ifndef DISCOVERY_DIALECT_IMAGE_NAME_H
#define DISCOVERY_DIALECT_IMAGE_NAME_H

#include "lb/base/view.h"

/* "registry:5000/foo/bar:tag@sha256:…" → "bar"; an id, whole or short, gives the empty view. Borrowed
 * from `image`. */
struct view image_name_base(const char *image);

#endif
