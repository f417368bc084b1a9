#include "discovery/dialect/image_name.h"

#include "discovery/engine_id.h"

struct view image_name_base(const char *image)
{
    struct view name = view_str(image);
    if (view_starts_with(name, VIEW("sha256:")))
        return view_of("", 0);
    name = view_cut(&name, '@');
    for (ptrdiff_t slash; (slash = view_find(name, '/')) >= 0;)
        name = view_skip(name, (size_t)slash + 1);
    name = view_cut(&name, ':');
    return engine_id_is_prefix(name, 12) ? view_of("", 0) : name;
}
