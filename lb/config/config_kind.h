/* What the value of a setting can be. A kind is one constant in a file of its own, kind_NAME.c,
 * which says all that is to be known about it. The `field` it is given is one value, in a tree or
 * in a list. Borrows all. Pure, but for kind_error_page, which reads the page. Thread: any. */
#ifndef LB_CONFIG_CONFIG_KIND_H
#define LB_CONFIG_CONFIG_KIND_H

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_setting.h"

struct json_t;

struct config_kind {
    size_t bytes; /* of a field; 0: a number, as wide as the row says */

    /* Puts a value into a field that is zeroed or has one. A `text` of NULL: the word alone. Fails:
     * false, the field is as it was or empty, and `"VALUE" what is wrong; what is accepted` is
     * appended to `problem`. */
    bool (*parse)(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem);

    /* Appends the value as parse() takes it. */
    void (*format)(const struct config_setting *setting, const void *field, struct text *out);

    /* Whether there is a value; NULL: always. */
    bool (*is_given)(const struct config_setting *setting, const void *field);

    /* Whether two items of a list mean the same; NULL: it does not matter. */
    bool (*is_same)(const void *one, const void *other);

    /* Frees what a field owns and empties it; NULL: nothing. */
    void (*fini)(void *field);

    /* "a path, for example …", or what appends it; a refusal says "give " first. */
    const char *accepted;
    void (*append_accepted)(const struct config_setting *setting, struct text *out);

    /* Gives the JSON Schema of one value. */
    struct json_t *(*schema)(const struct config_setting *setting);

    const char *json_type; /* what it is in JSON: "a string" */
    bool takes_number;     /* of JSON: as a value, or for a better refusal than its type gets */
    bool is_secret;        /* shown to nobody */
    bool zero_is_off;      /* where zero is a value, it can be written "off" */
};

/* The most of a time whose row has no reason for less. */
#define CONFIG_DURATION_MAX_MS UINT64_C(86400000)

extern const struct config_kind kind_count;    /* unsigned or uint64_t */
extern const struct config_kind kind_duration; /* the same: milliseconds */
extern const struct config_kind kind_size;     /* the same: bytes */
extern const struct config_kind kind_word;     /* an enum or unsigned, one of .words */
extern const struct config_kind kind_list;     /* char *, some of .words, commas between */
extern const struct config_kind kind_text;     /* char *, printable */
extern const struct config_kind kind_name;     /* char *, of a service or a host */
extern const struct config_kind kind_route;    /* char *, the name of a service, or a status */
extern const struct config_kind kind_path;     /* char * */
extern const struct config_kind kind_socket;   /* char *, the path of a Unix socket */
extern const struct config_kind
    kind_program; /* char *, a path, or that of a socket behind "unix:" */
extern const struct config_kind kind_template; /* char *, one of .words or a template */
extern const struct config_kind kind_secret;   /* char *, a token */
extern const struct config_kind kind_hsts;     /* char *, of a header field; or "off" */
extern const struct config_kind kind_gelf;     /* char *, where GELF messages go */
extern const struct config_kind kind_dsn;      /* char *, a DSN of Sentry */
extern const struct config_kind kind_docker;   /* char *, the address of an engine; can be NULL */
extern const struct config_kind kind_acme_directory; /* char *, a URL, "production" or "staging" */
extern const struct config_kind kind_email;          /* char *, an address of mail */
extern const struct config_kind kind_agent;   /* char *, the URL of a Consul agent; can be "" */
extern const struct config_kind kind_service; /* char *, the name of a service, of a list */
extern const struct config_kind kind_service_port; /* char *, "NAME=PORT", of a list */
extern const struct config_kind kind_ip;           /* char *, an IP address */
extern const struct config_kind kind_listen;       /* struct address; of family 0: off */
extern const struct config_kind kind_backend;      /* struct config_backend */
extern const struct config_kind
    kind_listener;                          /* struct config_listener; the word is "tcp" or "udp" */
extern const struct config_kind kind_range; /* struct listener_range; of low 0: off */
extern const struct config_kind kind_cidr;  /* struct cidr */
extern const struct config_kind kind_error_page;  /* struct config_error_page */
extern const struct config_kind kind_check;       /* struct check: the word behind "check-" of it */
extern const struct config_kind kind_check_count; /* the same, a whole number */
extern const struct config_kind kind_balance;     /* struct balance_rule */
extern const struct config_kind kind_sticky;      /* struct sticky_rule */
extern const struct config_kind
    kind_upstream_tls; /* struct upstream_tls: the word behind "backend-" of it */
extern const struct config_kind kind_action; /* no value: a flag that is no setting */

#endif
