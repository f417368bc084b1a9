#include "discovery/options_register.h"

#include "discovery/options_consul.h"
#include "lb/base/address.h"

#define DEFAULT_NAME             "proxy"
#define NO_NAME                  "none"
#define DEFAULT_DEREGISTER_AFTER "10m"
#define NAME_MAX_BYTES           253
#define LIST_MAX_BYTES           4096
#define DAY_S                    86400u

void options_register_begin(struct options *out)
{
    out->registrar.deregister_after = DEFAULT_DEREGISTER_AFTER;
}

bool options_register_url(struct option_walk *walk, struct options *out)
{
    out->registers = true;
    out->enlistment.is_on = true;
    return options_consul_agent(walk, &out->registrar.agent);
}

static bool is_anybody(const struct address *address)
{
    return address->socket.any.sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&address->socket.v6.sin6_addr)
               : address->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

bool options_register_advertise(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "the IP address of this host, by which other hosts reach its "
                                   "published ports, is accepted";
    struct address address;
    if (!option_walk_value(walk, accepted))
        return false;
    struct view text = view_str(walk->value);
    if (text.ptr[0] == '[' || !address_parse_ip(text, 0, &address))
        return option_walk_complain_value(walk, "it is no IP address", accepted);
    if (is_anybody(&address))
        return option_walk_complain_value(walk, "nobody is reached by it", accepted);
    out->enlistment.advertise = walk->value;
    return true;
}

bool options_register_internal(struct option_walk *walk, struct options *out)
{
    out->enlistment.is_internal = true;
    return !walk->value || option_walk_switch(walk, &out->enlistment.is_internal);
}

bool options_register_explicit(struct option_walk *walk, struct options *out)
{
    out->enlistment.is_explicit = true;
    return !walk->value || option_walk_switch(walk, &out->enlistment.is_explicit);
}

bool options_register_cleanup(struct option_walk *walk, struct options *out)
{
    out->registrar.cleans_up = true;
    return !walk->value || option_walk_switch(walk, &out->registrar.cleans_up);
}

bool options_register_tags(struct option_walk *walk, struct options *out)
{
    bool is_good = option_walk_word(walk, "", LIST_MAX_BYTES,
                                    "tags, with commas between, are accepted (at most 4096 bytes)");
    out->enlistment.tags = is_good ? walk->value : NULL;
    return is_good;
}

bool options_register_ttl(struct option_walk *walk, struct options *out)
{
    return option_walk_duration(walk, true, 3, DAY_S, &out->registrar.ttl_s,
                                "a time from 3s to 24h (\"30s\", \"2m\") is accepted");
}

/* "never" and "0" mean the same. */
static bool is_off(const char *value)
{
    return strcmp(value, "off") == 0 || strcmp(value, "never") == 0 || strcmp(value, "0") == 0;
}

bool options_register_deregister_after(struct option_walk *walk, struct options *out)
{
    static const char accepted[] =
        "a time from 1m to 720h (\"10m\", \"1h30m\"), or \"off\", is accepted";
    uint32_t seconds;
    if (!option_walk_value(walk, accepted))
        return false;
    bool is_never = is_off(walk->value);
    if (!is_never && !option_walk_duration(walk, false, 60, 30 * DAY_S, &seconds, accepted))
        return false;
    out->registrar.deregister_after = is_never ? NULL : walk->value;
    return true;
}

bool options_register_deregister(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "always or on-success is accepted";
    if (!option_walk_value(walk, accepted))
        return false;
    out->enlistment.only_on_success = strcmp(walk->value, "on-success") == 0;
    return out->enlistment.only_on_success || strcmp(walk->value, "always") == 0 ||
           option_walk_complain_value(walk, "it is neither", accepted);
}

bool options_register_name(struct option_walk *walk, struct options *out)
{
    bool is_good = option_walk_word(walk, " /,", NAME_MAX_BYTES,
                                    "the name of the service that lb is to be, or \"none\", is "
                                    "accepted");
    out->enlistment.self_name = !is_good || strcmp(walk->value, NO_NAME) == 0 ? "" : walk->value;
    return is_good;
}

/* Ids have a colon behind it. */
bool options_register_host_name(struct option_walk *walk, struct options *out)
{
    bool is_good = option_walk_word(walk, " :/,", NAME_MAX_BYTES,
                                    "a name of this host, without a colon, is accepted");
    out->enlistment.host = is_good ? walk->value : NULL;
    return is_good;
}

/* Where lb listens, as lb says. */
static bool take_listen(const char *value, struct options *out, struct text *problem)
{
    struct option_walk walk = option_walk_variable("LB_DISCOVERY_LISTEN", value, problem);
    struct address address;
    if (!option_walk_is_given(value))
        return true;
    if (!address_parse(view_str(value), &address))
        return option_walk_complain_value(&walk, "it is no address with a port",
                                          "IP:PORT is accepted");
    out->enlistment.self_port = address_port(&address);
    return true;
}

static bool take_ready(const char *value, struct options *out, struct text *problem)
{
    struct option_walk walk = option_walk_variable("LB_DISCOVERY_READY", value, problem);
    if (!option_walk_is_given(value))
        return true;
    out->enlistment.self_check = value;
    return view_starts_with(view_str(value), VIEW("http://")) ||
           option_walk_complain_value(&walk, "it is no URL", "http://IP:PORT/PATH is accepted");
}

bool options_register_finish(const struct options_environment *environment, struct options *out,
                             struct text *problem)
{
    bool has_source =
        out->follows_docker || out->file_path || out->follows_swarm || out->follows_consul;
    if (!out->registers)
        return true;
    if (out->is_once) {
        text_append_str(problem, "--once: what is registered is kept up to date, and --once ends "
                                 "after a line; leave out --once, or --register");
        return false;
    }
    out->is_silent = !has_source && !out->to_path && !option_walk_is_given(environment->parent);
    /* Alone, as registrator is: nobody reads its lines, and no lb belongs to it. */
    if (!out->enlistment.self_name && !out->is_silent)
        out->enlistment.self_name = DEFAULT_NAME;
    return take_listen(environment->listen, out, problem) &&
           take_ready(environment->ready, out, problem);
}
