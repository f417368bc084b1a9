#include "lb/contract/passage_option.h"

#include "lb/contract/check.h"
#include "lb/contract/waits.h"

#define FLOW_IDLE_MS_MIN 1000u

static const char *const proxy_words[] = {
    [PROXY_VERSION_OFF] = "off", [PROXY_VERSION_1] = "v1", [PROXY_VERSION_2] = "v2"};
static const char *const drain_words[] = {
    [PASSAGE_DRAIN_WAIT] = "wait", [PASSAGE_DRAIN_RESET] = "reset"};

static bool find(const char *const *words, unsigned count, struct view value, unsigned *out)
{
    for (unsigned i = 0; i < count; i++)
        if (view_eq_nocase(value, view_str(words[i]))) {
            *out = i;
            return true;
        }
    return false;
}

bool passage_option_parse_proxy(struct view value, unsigned *out)
{
    return find(proxy_words, sizeof(proxy_words) / sizeof(proxy_words[0]), value, out);
}

bool passage_option_parse_drain(struct view value, unsigned *out)
{
    return find(drain_words, sizeof(drain_words) / sizeof(drain_words[0]), value, out);
}

bool passage_option_parse_tcp_idle(struct view value, unsigned *out_ms)
{
    unsigned time_ms;
    if (value.len == 0 || !waits_parse(value, &time_ms))
        return false;
    *out_ms = time_ms;
    return true;
}

bool passage_option_parse_udp_idle(struct view value, unsigned *out_ms)
{
    return value.len > 0 &&
           check_parse_time_within(value, FLOW_IDLE_MS_MIN, PASSAGE_OPTION_IDLE_MS_MAX, out_ms);
}

const char *passage_option_proxy_word(unsigned version)
{
    return proxy_words[version];
}

const char *passage_option_drain_word(unsigned drain)
{
    return drain_words[drain];
}
