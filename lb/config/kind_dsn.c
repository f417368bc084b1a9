/* Where Sentry takes events: https://KEY@HOST/PROJECT. Its path may have more in front of the project. */
#include <string.h>

#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"
#include "lb/contract/host_port.h"

#define MAX_LEN 512

static bool is_alphanumeric(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

static bool is_made_of(struct view text, const char *others)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_alphanumeric(text.ptr[i]) && (!text.ptr[i] || !strchr(others, text.ptr[i])))
            return false;
    return text.len > 0;
}

static bool is_project(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0 && text.len <= 19;
}

/* "KEY", or "KEY:SECRET" as older ones have it. */
static bool are_keys(struct view keys)
{
    bool has_secret = view_find(keys, ':') >= 0;
    return is_made_of(view_cut(&keys, ':'), "_-") && (!has_secret || is_made_of(keys, "_-"));
}

/* From the first "/" to the last. */
static bool is_path(struct view path)
{
    for (size_t i = 1; i < path.len; i++)
        if (path.ptr[i - 1] == '/' && (path.ptr[i] == '/' || path.ptr[i] == '.'))
            return false;
    return is_made_of(path, "/._-");
}

static const char *check_place(struct view place)
{
    ptrdiff_t slash = view_find(place, '/');
    size_t end = place.len;
    while (end > 0 && place.ptr[end - 1] != '/')
        end--;
    if (slash < 0 || !is_project(view_skip(place, end)))
        return "does not end with \"/\" and the number of a project";
    if (!host_port_is(view_of(place.ptr, (size_t)slash)))
        return "has no host after its \"@\", or a wrong port";
    return is_path(view_of(place.ptr + slash, end - (size_t)slash))
               ? NULL
               : "has a path that is not allowed";
}

static const char *check(struct view text)
{
    if (text.len > MAX_LEN)
        return "is longer than 512 characters";
    if (!view_starts_with(text, VIEW("https://")) && !view_starts_with(text, VIEW("http://")))
        return "begins neither with https:// nor with http://";
    text = view_skip(text, view_starts_with(text, VIEW("https://")) ? 8 : 7);
    if (view_find(text, '@') < 0 || !are_keys(view_cut(&text, '@')))
        return "has no public key of letters and digits before an \"@\"";
    return check_place(text);
}

/* What is refused is not repeated in the message. */
static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    const char *wrong = check(text);
    if (wrong)
        return config_value_refuse(setting, VIEW("the DSN"), wrong, problem);
    config_string_replace(field, text);
    return true;
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *shape = config_shape_fixed("^https?://"
                                       "[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)?@(\\[[0-9A-Fa-"
                                       "f:.]+\\]|[A-Za-z0-9_-][A-Za-z0-9._-]*)"
                                       "(:[0-9]+)?(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/[0-9]{1,19}$");
    json_object_set_new(shape, "maxLength", json_integer(MAX_LEN));
    return shape;
}

const struct config_kind kind_dsn = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "that of a Sentry project, https://KEY@HOST/PROJECT",
    .schema = schema,
    .json_type = "a string",
    .is_secret = true,
};
