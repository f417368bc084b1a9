/* Why a container, or one port of it, is no endpoint: the words of discovery/FORMAT.md. */
#ifndef LB_CONTRACT_LEFT_OUT_REASON_H
#define LB_CONTRACT_LEFT_OUT_REASON_H

/* XX(name, word); the last ones are found by lb, and no source tells them. */
#define LEFT_OUT_REASON_MAP(XX)                                                                    \
    XX(NOT_RUNNING, "not_running")                                                                 \
    XX(DISABLED, "disabled")                                                                       \
    XX(NO_PORT, "no_port")                                                                         \
    XX(BAD_PORT, "bad_port")                                                                       \
    XX(BAD_ADDRESS, "bad_address") /* by lb too */                                                 \
    XX(BAD_LABEL, "bad_label")                                                                     \
    XX(NO_SHARED_NETWORK, "no_shared_network")                                                     \
    XX(NO_ADDRESS, "no_address")                                                                   \
    XX(SELF, "self")                                                                               \
    XX(OVERRULED, "overruled")                                                                     \
    XX(TOO_MUCH, "too_much")                                                                       \
    XX(UNRESOLVED, "unresolved") /* from here on: by lb alone */                                   \
    XX(OTHER_SERVICE, "other_service")                                                             \
    XX(OTHER_PROTOCOL, "other_protocol")

enum left_out_reason {
#define XX(name, word) LEFT_OUT_##name,
    LEFT_OUT_REASON_MAP(XX)
#undef XX
        LEFT_OUT_REASON_COUNT
};

/* Static. Thread: any, as for all of this module. */
const char *left_out_reason_word(enum left_out_reason reason);

/* LEFT_OUT_REASON_COUNT for a word that is not known, and for NULL. */
enum left_out_reason left_out_reason_parse(const char *word);

#endif
