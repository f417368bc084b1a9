/* How TCP services are served. */
#include "lb/config/config_kind.h"
#include "lb/config/config_policy.h"

#define FIELD(name) CONFIG_FIELD(struct config_policy, name)

static const char *const proxy_words[] = {"off", "v1", "v2", NULL};
static const char *const drain_words[] = {"wait", "reset", NULL};

/* clang-format off */
static const struct config_setting passages[] = {
    {.word = "proxy-protocol", .kind = &kind_word, .group = CONFIG_GROUP_SOURCE,
     .value_name = "off|v1|v2", .words = proxy_words, .default_text = "off", FIELD(proxy_version),
     .help = "what backends of TCP services are told of the client first",
     .manual = "Begin each connection to a backend of a TCP service with a header of the PROXY\n"
               "protocol, in that version, which says who the client is.\n"
               "The backend must be told to expect one.\n"
               "The label\n"
               ".Li lb.proxy-protocol\n"
               "says it for one service.\n"},
    {.word = "tcp-drain", .kind = &kind_word, .group = CONFIG_GROUP_SOURCE,
     .value_name = "wait|reset", .words = drain_words, .default_text = "wait",
     FIELD(drains_by_reset),
     .help = "connections of TCP services to a backend that drains",
     .manual = "What becomes of the connections of a TCP service to a backend that drains, is\n"
               "being stopped, or is gone from the list: with\n"
               ".Sy wait\n"
               "they stay for as long as both ends do; with\n"
               ".Sy reset\n"
               "they end at once, so that their clients come again, elsewhere.\n"
               "The label\n"
               ".Li lb.tcp.drain\n"
               "says it for one service.\n"},
};
/* clang-format on */

const struct config_table config_policy_passages = CONFIG_TABLE(struct config_policy, passages);
