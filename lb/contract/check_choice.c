#include "lb/contract/check_choice.h"

/* Whether what is checked so is reached as those endpoints are. */
static bool is_meant_for(enum check_mode mode, enum protocol protocol)
{
    switch (mode) {
    case CHECK_HTTP:
        return protocol == PROTOCOL_HTTP || protocol == PROTOCOL_HTTPS;
    case CHECK_HTTPS:
        return protocol == PROTOCOL_HTTPS;
    case CHECK_TCP:
    case CHECK_POSTGRES:
    case CHECK_REDIS:
    case CHECK_SMTP:
        return protocol != PROTOCOL_UDP;
    case CHECK_UDP:
    case CHECK_DNS:
        return protocol == PROTOCOL_UDP;
    default:
        return true;
    }
}

void check_choice_narrow(struct check *check, enum protocol protocol)
{
    if (check->port > 0)
        return;
    if (!is_meant_for(CHECK_HTTP, protocol))
        check->path[0] = '\0';
    if (!is_meant_for(check->mode, protocol)) {
        check->mode = CHECK_AUTO;
        check->send[0] = '\0';
        check->expect[0] = '\0';
    }
}

/* What the words ask for where no mode says; CHECK_OFF: nothing. */
static enum check_mode asked_for(const struct check *check, bool is_udp)
{
    if (check->path[0])
        return CHECK_HTTP;
    if (check_has_exchange(check))
        return is_udp ? CHECK_UDP : CHECK_TCP;
    return CHECK_OFF;
}

enum check_mode check_choice_repeated(const struct check *check, bool is_udp)
{
    if (check->mode == CHECK_UNSET || check->mode == CHECK_OFF)
        return CHECK_OFF;
    return check->mode == CHECK_AUTO ? asked_for(check, is_udp) : check->mode;
}

enum check_mode check_choice_first(const struct check *check, bool is_udp)
{
    enum check_mode mode = check->mode > CHECK_OFF ? check->mode : asked_for(check, is_udp);
    if (mode == CHECK_OFF)
        return is_udp ? CHECK_UDP : CHECK_TCP;
    return mode;
}
