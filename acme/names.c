#include "acme/names.h"

#include <stdlib.h>

#include "lb/base/address.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"

#define NAME_BYTES_MAX 253u /* of the DNS */

void names_fini(struct names *names)
{
    for (unsigned i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct names){0};
}

static void add(struct names *names, const char *name)
{
    names->list = memory_resize(names->list, (names->count + 1) * sizeof(names->list[0]));
    names->list[names->count++] = memory_copy(name, strlen(name));
}

void names_copy(struct names *out, const struct names *names)
{
    *out = (struct names){0};
    for (unsigned i = 0; i < names->count; i++)
        add(out, names->list[i]);
}

static bool has(const struct names *names, struct view name)
{
    for (unsigned i = 0; i < names->count; i++)
        if (view_eq_nocase(view_str(names->list[i]), name))
            return true;
    return false;
}

static bool complain(struct view name, const char *why, struct text *problem)
{
    name.len = name.len < 100 ? name.len : 100;
    text_append_char(problem, '"');
    shown_append(problem, name);
    text_appendf(problem, "\" %s", why);
    return false;
}

bool names_add(struct names *names, struct view name, struct text *problem)
{
    struct host_pattern pattern;
    struct address ip;
    struct text why = TEXT_INIT;
    if (!host_name_parse(name, &pattern, &why)) {
        text_fini(&why);
        return complain(name,
                        "is no name of a host, so no certificate is asked for; write one "
                        "such as www.example.org",
                        problem);
    }
    text_fini(&why);
    if (pattern.form != HOST_EXACT)
        return complain(name,
                        "stands for many names, which HTTP-01 and TLS-ALPN-01 cannot show to "
                        "be yours; name each, or get that certificate with a client that "
                        "speaks DNS-01 and put it into --certificates",
                        problem);
    if (pattern.text[0] == '[' || address_parse_ip(view_str(pattern.text), 0, &ip))
        return complain(name, "is an address; certificates are asked for names alone", problem);
    if (pattern.len > NAME_BYTES_MAX || !strchr(pattern.text, '.') || strchr(pattern.text, '_'))
        return complain(name,
                        "is no name that the world knows, so no authority gives a "
                        "certificate for it; take the wish away",
                        problem);
    if (has(names, view_str(pattern.text)))
        return true;
    if (names->count == NAMES_MAX)
        return complain(name,
                        "is one too many: a certificate has at most 100 names; ask for "
                        "several",
                        problem);
    add(names, pattern.text);
    return true;
}

bool names_contain(const struct names *names, const struct names *fewer)
{
    for (unsigned i = 0; i < fewer->count; i++)
        if (!has(names, view_str(fewer->list[i])))
            return false;
    return true;
}

bool names_are_same(const struct names *one, const struct names *other)
{
    return one->count == other->count && names_contain(one, other);
}

uint64_t names_salt(const struct names *names)
{
    uint64_t salt = 0;
    for (unsigned i = 0; i < names->count; i++)
        salt += hash_view(HASH_INIT, view_str(names->list[i]));
    return hash_mix(salt);
}

void names_append_short(const struct names *names, struct text *out)
{
    if (names->count > 0)
        shown_append(out, view_str(names->list[0]));
    if (names->count > 1)
        text_appendf(out, " and %u more", names->count - 1);
}
