/* What lb listens to beside HTTP. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name)                   CONFIG_FIELD(struct config, name)
#define LIST(items, count, max, noun) CONFIG_LIST(struct config, items, count, max, noun)

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "tcp", .kind = &kind_listener, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT[=SERVICE]",
     LIST(tcp, tcp_count, CONFIG_LISTENER_MAX, "rules"),
     .help = "for TCP; 443/NAME=SERVICE by name of TLS; repeatable",
     .manual = "Take TCP connections here, and join each to one of a server of this service:\n"
               "what they say is passed on as it is.\n"
               "A port alone is one of\n"
               ".Ql 0.0.0.0 .\n"
               "Repeatable, also with the same address, to choose a service by what a TLS client\n"
               "asks for:\n"
               ".Ql 443/a.test=shop ,\n"
               ".Ql 443/*.b.test=blog\n"
               "by the name of the server,\n"
               ".Ql 443#h2=rpc\n"
               "by the protocol (ALPN); the exact name counts first, then the longest one with\n"
               ".Ql * ,\n"
               "then what has no name.\n"
               "The connection stays encrypted; lb has no key.\n"
               "Without\n"
               ".Ar =SERVICE\n"
               "the listener is for containers that ask for its port with the label\n"
               ".Li lb.tcp .\n"
               "At SIGHUP listeners come and go; those that stay, and all connections, are not\n"
               "touched.\n"},
    {.word = "udp", .kind = &kind_listener, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT[=SERVICE]",
     LIST(udp, udp_count, CONFIG_LISTENER_MAX, "rules"),
     .help = "for UDP, for example 53=dns; repeatable",
     .manual = "Take datagrams here for this service.\n"
               "What comes from one address and port goes to one server, until\n"
               ".Fl Fl udp-idle-timeout ,\n"
               "and its answers go back.\n"
               "Otherwise as\n"
               ".Fl Fl tcp ,\n"
               "but without names.\n"},
    {.word = "dynamic-ports", .kind = &kind_range, .group = CONFIG_GROUP_LISTEN,
     .value_name = "LOW-HIGH|off", .default_text = "off", FIELD(dynamic),
     .help = "where containers may have TCP and UDP listeners opened",
     .manual = "Containers may ask for listeners at these ports with the labels\n"
               ".Li lb.tcp\n"
               "and\n"
               ".Li lb.udp :\n"
               "they are opened then, and are closed 30 seconds after the last one that asked is\n"
               "gone.\n"
               "The address is\n"
               ".Ql 0.0.0.0\n"
               "where none is given.\n"
               "What is asked for outside is refused, unless the operator listens there\n"
               ".Pq Fl Fl tcp , Fl Fl udp .\n"},
};
/* clang-format on */

const struct config_table settings_listener = CONFIG_TABLE(struct config, settings);
