#include "discovery/file/file_certificates.h"

#include <stdlib.h>

#include "discovery/certificate_list.h"
#include "discovery/file/file_words.h"
#include "lb/base/memory.h"
#include "lb/contract/key.h"

#define KEY_TLS "tls"

/* While it is read. */
struct names {
    struct view list[CERTIFICATE_WISH_NAMES_MAX];
    unsigned count;
};

static struct view text_of(const json_t *json)
{
    return view_of(json_string_value(json), json_string_length(json));
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool has(const struct names *names, struct view name)
{
    unsigned i = 0;
    while (i < names->count && !view_eq(names->list[i], name))
        i++;
    return i < names->count;
}

static bool add_name(const struct file_place *place, struct view text, struct arena *arena,
                     struct names *names)
{
    char room[CERTIFICATE_WISH_NAME_BYTES_MAX];
    struct view name = {"", 0};
    struct text problem = TEXT_INIT;
    bool is_good = certificate_wish_read_name(text, room, &name, &problem);
    if (!is_good)
        file_place_refuse(place, "the name %s", text_str(&problem));
    else if (!has(names, name)) {
        is_good =
            names->count < CERTIFICATE_WISH_NAMES_MAX ||
            file_place_refuse(place, "at most %u names are accepted", CERTIFICATE_WISH_NAMES_MAX);
        if (is_good)
            names->list[names->count++] = arena_copy(arena, name);
    }
    text_fini(&problem);
    return is_good;
}

static bool read_names(const struct file_place *place, const json_t *json, struct arena *arena,
                       struct names *names)
{
    if (json_is_string(json))
        return add_name(place, text_of(json), arena, names);
    if (!json_is_array(json) || json_array_size(json) == 0)
        return file_place_refuse(place, "an array of names of hosts is needed");
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *name = json_array_get(json, i);
        struct file_place at = file_place_in_item(place, i);
        if (!json_is_string(name))
            return file_place_refuse(&at, "a string is needed");
        if (!add_name(&at, text_of(name), arena, names))
            return false;
    }
    return true;
}

/* ---- wishes ---------------------------------------------------------------------------------- */

/* "certificates[0]" */
static struct view keep_label(const struct file_place *place, struct arena *arena)
{
    struct text label = TEXT_INIT;
    struct view kept;
    for (unsigned i = 0; i < place->depth; i++)
        if (place->steps[i].key)
            text_appendf(&label, "%s%s", i > 0 ? "." : "", place->steps[i].key);
        else
            text_appendf(&label, "[%zu]", place->steps[i].index);
    kept = arena_copy(arena, text_view(&label));
    text_fini(&label);
    return kept;
}

static void keep(const struct file_place *place, const struct names *names, struct view email,
                 struct file_certificates *out)
{
    struct view *list = arena_new(&out->arena, (names->count + 1) * sizeof(list[0]));
    memcpy(list, names->list, names->count * sizeof(list[0]));
    out->items = memory_make_room(out->items, out->count, &out->capacity, sizeof(out->items[0]));
    out->items[out->count++] = (struct certificate_wish){.names = list,
                                                         .name_count = names->count,
                                                         .email = arena_copy(&out->arena, email),
                                                         .dialect = VIEW(ROUTE_DIALECT_FILE),
                                                         .label = keep_label(place, &out->arena)};
}

static bool read_email(const struct file_place *place, const json_t *json, struct view *out)
{
    struct text problem = TEXT_INIT;
    *out = text_of(json);
    bool is_good = !json || (json_is_string(json) &&
                             (out->len == 0 || certificate_wish_check_email(*out, &problem)));
    if (!is_good)
        file_place_refuse(place, "it %s", problem.len > 0 ? text_str(&problem) : "is no string");
    text_fini(&problem);
    return is_good;
}

static bool read_one(const struct file_place *place, const json_t *json,
                     struct file_certificates *out)
{
    struct file_place at_names = file_place_in_key(place, KEY_NAMES);
    struct file_place at_email = file_place_in_key(place, KEY_EMAIL);
    struct names names = {.count = 0};
    struct view email;
    if (!json_is_object(json))
        return file_place_refuse(place, "an object is needed");
    file_words_tell_unknown(place, FILE_CERTIFICATE, json, "it does nothing");
    if (!read_names(&at_names, json_object_get(json, KEY_NAMES), &out->arena, &names) ||
        !read_email(&at_email, json_object_get(json, KEY_EMAIL), &email))
        return false;
    keep(place, &names, email, out);
    return true;
}

bool file_certificates_read(const struct file_place *place, const json_t *json,
                            struct file_certificates *out)
{
    if (json && !json_is_array(json))
        return file_place_refuse(place, "an array is needed");
    if (json_array_size(json) > CERTIFICATE_WISHES_MAX)
        return file_place_refuse(place, "at most %u certificates are accepted",
                                 CERTIFICATE_WISHES_MAX);
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct file_place at = file_place_in_item(place, i);
        if (!read_one(&at, json_array_get(json, i), out))
            return false;
    }
    return true;
}

/* ---- of routes ------------------------------------------------------------------------------- */

/* Off, as far as it says anything. */
static bool is_off(const json_t *tls)
{
    return !tls || json_is_false(tls) || view_eq(text_of(tls), VIEW("off"));
}

/* Its route is good without one, such as for all names below one: that is told, and no more. */
static bool can_be_got(const struct file_place *at, struct view host)
{
    char room[CERTIFICATE_WISH_NAME_BYTES_MAX];
    struct view name;
    struct text problem = TEXT_INIT;
    bool is_good = certificate_wish_read_name(host, room, &name, &problem);
    if (!is_good)
        file_place_remark(at, "no certificate is got for %.*s: the name %s", (int)host.len,
                          host.ptr, text_str(&problem));
    text_fini(&problem);
    return is_good;
}

bool file_certificates_read_route(const struct file_place *place, const json_t *json,
                                  const struct route *routes, size_t count,
                                  struct file_certificates *out)
{
    const json_t *tls = json_object_get(json, KEY_TLS);
    struct file_place at = file_place_in_key(place, KEY_TLS);
    struct names names = {.count = 0};
    size_t told_count = 0;
    if (is_off(tls))
        return true;
    if (!view_eq(text_of(tls), VIEW("auto")))
        return file_place_refuse(&at, "auto or off is accepted; certificate names a file");
    for (size_t i = 0; i < count; i++) {
        struct view host = routes[i].host.text;
        if (routes[i].host.kind != ROUTE_HOST || host.len == 0)
            continue;
        if (!can_be_got(&at, host))
            told_count++;
        else if (!add_name(&at, host, &out->arena, &names))
            return false;
    }
    if (names.count == 0 && told_count == 0)
        file_place_remark(&at, "the route names no host that a certificate could be for; name one, "
                               "or leave tls out");
    if (names.count == 0)
        return true;
    if (out->count == CERTIFICATE_WISHES_MAX)
        return file_place_refuse(&at, "at most %u certificates are accepted",
                                 CERTIFICATE_WISHES_MAX);
    keep(place, &names, view_of("", 0), out);
    return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

void file_certificates_settle(struct file_certificates *certificates)
{
    struct set set = {0};
    certificate_list_take(certificates->items, certificates->count, &certificates->arena, &set);
    free(certificates->items);
    certificates->items = set.certificates;
    certificates->count = set.certificate_count;
    certificates->capacity = set.certificate_capacity;
}

void file_certificates_fini(struct file_certificates *certificates)
{
    free(certificates->items);
    arena_fini(&certificates->arena);
    *certificates = (struct file_certificates){0};
}
