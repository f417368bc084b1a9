#include "lb/admin/certificate_lack.h"

#include "lb/contract/key.h"
#include "lb/policy/shown_certificate.h"

/* The default certificate is not what was asked for. */
static bool is_there(const struct url_https *https, const char *name)
{
    struct https_rule rule;
    enum tls_match match = TLS_MATCH_NONE;
    const struct tls_choice choice = url_https_shown(https, view_str(name), &rule, &match);
    return choice.host && match != TLS_MATCH_DEFAULT;
}

/* NULL: all that it asks for is there. */
static const char *find_missing(const struct url_https *https, const json_t *wish)
{
    const json_t *names = json_object_get(wish, KEY_NAMES);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (name && !is_there(https, name))
            return name;
    }
    return NULL;
}

static bool is_of(const json_t *wish, const char *container)
{
    const char *id = json_string_value(json_object_get(wish, KEY_CONTAINER));
    return id && container && strcmp(id, container) == 0;
}

static void append(const char *name, const json_t *wish, struct text *out)
{
    const char *label = json_string_value(json_object_get(wish, KEY_LABEL));
    text_appendf(out,
                 "it asks for a certificate for %s%s%s%s, and none is ordered: lb was started "
                 "without --acme. Start lb with --acme EMAIL; or put %s.crt and %s.key into a "
                 "directory of --certificates",
                 name, label ? " (" : "", label ? label : "", label ? ")" : "", name, name);
}

bool certificate_lack_append(const struct membership *membership, const struct url_https *https,
                             const char *container, struct text *out)
{
    const json_t *wishes = json_object_get(membership->line.root, KEY_CERTIFICATES);
    for (size_t i = 0; i < json_array_size(wishes); i++) {
        const json_t *wish = json_array_get(wishes, i);
        const char *name = is_of(wish, container) ? find_missing(https, wish) : NULL;
        if (!name)
            continue;
        append(name, wish, out);
        return true;
    }
    return false;
}
