/* What is read from Consul's catalog, and what is registered in it. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, catalog.name)
#define LIST(items, count, max, noun)                                                              \
    CONFIG_LIST(struct config, catalog.items, catalog.count, max, noun)

#define DAY_MS 86400000u

static const char *const off_on[] = {"off", "on", NULL};
static const char *const ends[] = {"always", "on-success", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "consul-service", .kind = &kind_service, .group = CONFIG_GROUP_CATALOG,
     .value_name = "NAME,...", LIST(services, service_count, CONFIG_SERVICE_MAX, "services"),
     .list.is_split = true,
     .help = "follow these, too, beside what is tagged or routed; repeatable",
     .manual = "Follow these services of the catalog.\n"
               "Without it those are followed that have a tag for a proxy\n"
               ".Pq Li lb.enable=true , urlprefix-/ , traefik.enable=true\n"
               "or that a route or listener of lb leads to, whoever defined that:\n"
               ".Fl Fl service ,\n"
               ".Fl Fl default-route ,\n"
               ".Fl Fl tcp ,\n"
               "a file, a label.\n"
               "Repeatable.\n"},
    {.word = "consul-port", .kind = &kind_service_port, .group = CONFIG_GROUP_CATALOG,
     .value_name = "NAME=PORT", LIST(ports, port_count, CONFIG_SERVICE_PORT_MAX, "ports"),
     .list.is_split = true,
     .help = "reach that service by this port, whatever it says; repeatable",
     .manual = "Reach all entries of this service by this port, whatever port they have in the\n"
               "catalog.\n"
               "Repeatable.\n"},
    {.word = "consul-address", .kind = &kind_name, .group = CONFIG_GROUP_CATALOG,
     .value_name = "KEY", FIELD(address_key),
     .help = "the tagged address to use: lan, wan, lan_ipv6, or your own",
     .manual = "Of entries that have a tagged address with this key, use that address and its\n"
               "port:\n"
               ".Li lan , wan , lan_ipv4 , wan_ipv6 ,\n"
               "or a key of your own.\n"
               "Others are reached by the address of the service, or of its node.\n"},
    {.word = "consul-node", .kind = &kind_name, .group = CONFIG_GROUP_CATALOG,
     .value_name = "NAME", FIELD(node),
     .help = "the node that is this host [that of the agent]",
     .manual = "The name of the node that is this host, as\n"
               ".Ql consul members\n"
               "has it: its entries are local.\n"
               "Without it, it is the agent's own.\n"},
    {.word = "register", .kind = &kind_agent, .group = CONFIG_GROUP_CATALOG,
     .value_name = "URL", .value_is_optional = true, FIELD(registrar),
     .help = "register this host's containers in Consul, at its agent",
     .manual = "Register the containers of this host in Consul's catalog, and keep the agent's\n"
               "list like what runs: names, tags, meta and checks as registrator makes them of\n"
               ".Li SERVICE_*\n"
               "words, and a HEALTHCHECK as a check that lb keeps.\n"
               "The URL is that of the agent on this host, in the forms of\n"
               ".Fl Fl consul ;\n"
               "without it, it is that of\n"
               ".Fl Fl consul ,\n"
               "else of\n"
               ".Ev CONSUL_HTTP_ADDR ,\n"
               "else\n"
               ".Li http://127.0.0.1:8500 .\n"
               "Docker is followed for that, also where\n"
               ".Fl Fl docker\n"
               "is not given beside another source; then its containers get no requests by it.\n"
               "With\n"
               ".Fl Fl backend\n"
               "there is no\n"
               ".Xr lb-discovery 8\n"
               "that could register: run\n"
               ".Ql lb-discovery --register\n"
               "beside lb.\n"
               "What is registered stays when lb ends, as the containers go on.\n"},
    {.word = "advertise", .kind = &kind_ip, .group = CONFIG_GROUP_CATALOG,
     .value_name = "IP", FIELD(advertise),
     .help = "by which other hosts reach published ports [the node's]",
     .manual = "The address of this host that entries of published ports get.\n"
               "Without it they have none of their own, and are reached by that of the node.\n"},
    {.word = "register-internal", .kind = &kind_word, .group = CONFIG_GROUP_CATALOG,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(is_internal),
     .help = "register addresses and ports inside, for routed networks",
     .manual = "Register containers with their own addresses and the ports inside, published or\n"
               "not: other hosts must have a route to the networks of this one.\n"},
    {.word = "register-explicit", .kind = &kind_word, .group = CONFIG_GROUP_CATALOG,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(is_explicit),
     .help = "register only what SERVICE_NAME names",
     .manual = "Register only ports that\n"
               ".Li SERVICE_NAME\n"
               "or\n"
               ".Li SERVICE_<port>_NAME\n"
               "names.\n"},
    {.word = "register-tags", .kind = &kind_text, .group = CONFIG_GROUP_CATALOG,
     .value_name = "LIST", FIELD(tags),
     .help = "tags for all entries, with commas between",
     .manual = "Give every entry these tags besides its own, with commas between.\n"},
    {.word = "register-ttl", .kind = &kind_duration, .group = CONFIG_GROUP_CATALOG,
     .value_name = "TIME", .max = DAY_MS, .default_text = "0s", FIELD(ttl_ms),
     .help = "a check to be renewed, for what has no other; 0: none",
     .manual = "Give entries that have no other check one that lb renews three times in that\n"
               "time, at least 3 s: what runs on a host where lb has ended turns critical.\n"},
    {.word = "deregister-after", .kind = &kind_duration, .group = CONFIG_GROUP_CATALOG,
     .value_name = "TIME", .max = UINT64_C(30) * DAY_MS, .default_text = "10m",
     FIELD(deregister_after_ms), .takes_never = true,
     .help = "removed when critical so long; or off",
     .manual = "Let the agent remove an entry whose check, where lb keeps it, was critical for so\n"
               "long, at least 1 m; with off never.\n"
               "A container that still runs then is registered again within a minute.\n"},
    {.word = "deregister", .kind = &kind_word, .group = CONFIG_GROUP_CATALOG,
     .value_name = "WHEN", .words = ends, .default_text = "always",
     FIELD(only_on_success),
     .help = "always, or on-success: an entry stays after an error",
     .manual = "When an entry goes: with\n"
               ".Cm always\n"
               "when its container ends, with\n"
               ".Cm on-success\n"
               "only if it ended with status 0, by a signal, or was removed; else it stays as it\n"
               "is, for its check to show.\n"},
    {.word = "register-cleanup", .kind = &kind_word, .group = CONFIG_GROUP_CATALOG,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(cleans_up),
     .help = "also remove what registrator left behind for this host",
     .manual = "Take entries with ids as registrator makes them for this host for one's own:\n"
               "those of containers that are gone are removed.\n"
               "Without it only entries that lb has registered are ever touched.\n"},
    {.word = "register-name", .kind = &kind_name, .group = CONFIG_GROUP_CATALOG,
     .value_name = "NAME", .default_text = "proxy", FIELD(own_name),
     .help = "the service that lb itself is; none: it is not registered",
     .manual = "Register lb itself as this service, with a check of its readiness.\n"
               "With\n"
               ".Cm none\n"
               "it is not registered.\n"},
    {.word = "host-name", .kind = &kind_name, .group = CONFIG_GROUP_CATALOG,
     .value_name = "NAME", FIELD(host_name),
     .help = "the name of this host in ids of entries [the engine's]",
     .manual = "The name of this host in the ids of entries,\n"
               ".Li HOST:CONTAINER:PORT .\n"
               "Without it, it is the one that Docker says.\n"},
};
/* clang-format on */

const struct config_table settings_catalog = CONFIG_TABLE(struct config, settings);
