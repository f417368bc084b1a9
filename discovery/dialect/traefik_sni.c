#include "discovery/dialect/traefik_sni.h"

#include "lb/base/memory.h"
#include "lb/contract/listener_rule.h"

static bool is_known(struct view word, struct text *sentence)
{
    static const char *const others[] = {"HostSNIRegexp", "ClientIP"};
    if (view_eq_nocase(word, VIEW("HostSNI")) || view_eq_nocase(word, VIEW("ALPN")))
        return true;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (view_eq_nocase(word, view_str(others[i]))) {
            text_appendf(sentence, "%s is not supported for connections", others[i]);
            return false;
        }
    text_append_str(sentence, "of a connection HostSNI(`example.com`) and ALPN(`h2`) are known");
    return false;
}

static bool make_alpn(struct view value, struct traefik_condition *out, struct text *sentence)
{
    *out = (struct traefik_condition){.matcher = TRAEFIK_ALPN};
    if (!listener_rule_check_alpn(value, sentence))
        return false;
    out->value = memory_copy(value.ptr, value.len);
    return true;
}

static bool make(struct view word, const struct view *values, size_t count,
                 struct traefik_condition *out, struct text *sentence)
{
    *out = (struct traefik_condition){0};
    if (count != 1) {
        text_append_str(sentence, "a matcher takes a value");
        return false;
    }
    return view_eq_nocase(word, VIEW("ALPN"))
               ? make_alpn(values[0], out, sentence)
               : traefik_matcher_make(VIEW("Host"), values, count, out, sentence);
}

const struct traefik_matchers traefik_sni_matchers = {is_known, make, true};
