#include "lb/admin/subject.h"

#define ID_PREFIX_MIN 4u

static bool is_hex(struct view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = view_lower_char(text.ptr[i]);
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

static bool means_container(struct view subject, const char *container, const char *name)
{
    if (view_eq(subject, view_str(name)) || view_eq(subject, view_str(container)))
        return true;
    return subject.len >= ID_PREFIX_MIN && is_hex(subject) &&
           view_starts_with(view_str(container), subject);
}

enum subject_meaning subject_means(struct view subject, const char *id, const char *container,
                                   const char *name)
{
    struct view port = view_str(id), whole = view_str(container);
    if (means_container(subject, container, name))
        return SUBJECT_CONTAINER;
    if (view_eq(subject, port))
        return SUBJECT_PORT;
    if (!view_starts_with(port, whole) || port.len == whole.len)
        return SUBJECT_NO;
    port = view_skip(port, whole.len); /* ":8080" */
    if (port.ptr[0] != ':' || subject.len <= port.len ||
        !view_eq(view_skip(subject, subject.len - port.len), port))
        return SUBJECT_NO;
    subject.len -= port.len;
    return means_container(subject, container, name) ? SUBJECT_PORT : SUBJECT_NO;
}

enum subject_meaning subject_means_endpoint(const struct membership *membership,
                                            struct view subject, const struct endpoint *endpoint)
{
    const struct backends_name *name;
    enum subject_meaning meaning =
        subject_means(subject, endpoint->id, endpoint->container, endpoint->name);
    unsigned at = 0;
    while (meaning == SUBJECT_NO &&
           (name = backends_next_name(&membership->backends, &endpoint->address, &at)))
        meaning = backends_name_means(name->text, subject) ? SUBJECT_CONTAINER : SUBJECT_NO;
    return meaning;
}
