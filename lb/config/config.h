/* The settings of lb as one plain tree, complete and checked: config_load() makes it. */
#ifndef LB_CONFIG_CONFIG_H
#define LB_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/cidr.h"
#include "lb/base/log.h"
#include "lb/config/config_acme.h"
#include "lb/config/config_catalog.h"
#include "lb/config/config_policy.h"
#include "lb/config/config_report.h"
#include "lb/config/config_https.h"
#include "lb/config/config_tls.h"
#include "lb/contract/listener_rule.h"

#define CONFIG_LISTEN_MAX          16
#define CONFIG_ALSO_MAX            4
#define CONFIG_BACKEND_MAX         1024
#define CONFIG_LISTENER_MAX        1024 /* rules of --tcp, and of --udp */
#define CONFIG_TRUSTED_MAX         64
#define CONFIG_ERROR_PAGE_MAX      32
#define CONFIG_CERTIFICATE_DIR_MAX 16
#define CONFIG_WORD_MAX            4
#define CONFIG_OPTION_MAX          40

/* Any of them together, but for the last. */
enum config_source {
    CONFIG_SOURCE_DOCKER = 1,
    CONFIG_SOURCE_FILE = 2,
    CONFIG_SOURCE_SWARM = 4,
    CONFIG_SOURCE_CONSUL = 8,
    CONFIG_SOURCE_STATIC = 16,
};
enum config_action {
    CONFIG_RUN,
    CONFIG_CHECK,
    CONFIG_PRINT,
    CONFIG_VERSION,
    CONFIG_SCHEMA,
    CONFIG_HELP,
    CONFIG_HEALTHCHECK,
    CONFIG_EXPLAIN, /* lb explain …: asks the running lb */
    CONFIG_CTL,     /* lb ctl … */
    CONFIG_TOP,     /* lb top … */
    CONFIG_EXPLAIN_HELP,
    CONFIG_CTL_HELP,
    CONFIG_TOP_HELP,
};

/* What becomes of a system call that a process has no need of. */
enum config_jail { CONFIG_JAIL_STRICT, CONFIG_JAIL_LOG, CONFIG_JAIL_OFF };

/* What becomes of the trace context of requests (W3C Trace Context). */
enum config_trace_context {
    CONFIG_TRACE_PASS,     /* as it came, or none */
    CONFIG_TRACE_GENERATE, /* one is made where none came that is valid */
};

/* A flag of "explain", "ctl" or "top" alone. */
struct config_option {
    const char *word;  /* without "--"; static */
    const char *value; /* NULL: it takes none */
};

/* What stands behind "explain", "ctl" and "top"; borrowed from the command line. */
struct config_words {
    const char *words[CONFIG_WORD_MAX];
    unsigned count;
    struct config_option options[CONFIG_OPTION_MAX];
    unsigned option_count;
};

struct config_backend {
    char *host; /* IP literal without brackets, or DNS name */
    uint16_t port;
    char *service;          /* NULL: the default one */
    enum protocol protocol; /* PROTOCOL_HTTP where none is said */
};

/* A rule of --tcp or --udp. */
struct config_listener {
    char *text; /* what the rule's views lie in */
    struct listener_rule rule;
};

#define CONFIG_ADMIN_OPEN_READ 2u /* of admin_open: orders only from this machine */

struct config_error_page {
    unsigned status;
    char *path;
    char *bytes; /* of the file */
    size_t len;
};

struct config {
    struct address *listens;
    unsigned listen_count;
    struct address
        *also; /* where it listens too, if that can be had; none beside a given --listen */
    unsigned also_count;
    struct config_tls tls; /* where it speaks TLS, and how */
    struct config_https https;
    struct config_listener *tcp; /* rules of its TCP listeners, and of its UDP listeners */
    unsigned tcp_count;
    struct config_listener *udp;
    unsigned udp_count;
    struct listener_range dynamic; /* where containers may have listeners */
    struct address admin;          /* of family 0: off */
    bool admin_enabled;            /* it is not */
    bool admin_is_named;           /* and not the default */
    char *admin_token;             /* NULL: not given here */
    char *admin_token_file;        /* NULL: none */
    char *admin_secret;            /* the token of either; NULL: the admin listener asks for none */
    unsigned admin_open;           /* not 0: reachable from elsewhere without a token, on purpose */
    char *admin_host;              /* a name that it is asked under; NULL: none */
    unsigned admin_behind_proxy;   /* 1: what came through a proxy is answered too */
    bool admin_token_is_exposed;   /* others than its owner may read the file */
    unsigned worker_count;         /* 0: as many as CPUs the process may use */

    struct cidr *trusted; /* proxies whose X-Forwarded-* is believed */
    unsigned trusted_count;
    struct cidr *prefaced; /* balancers that begin with a PROXY header */
    unsigned prefaced_count;
    struct cidr *allowed; /* where labels may lead though it is no usual place */
    unsigned allowed_count;
    unsigned adds_via;        /* 1: lb names itself in Via */
    unsigned aborts_on_close; /* 1: a client that has shut its sending side has gone */
    unsigned adds_forwarded;  /* 1: the standard field Forwarded is added too */
    enum config_trace_context trace_context;

    unsigned sources;                /* of enum config_source */
    struct config_backend *backends; /* CONFIG_SOURCE_STATIC only */
    unsigned backend_count;
    char *docker_endpoint;         /* NULL: lb-discovery's default */
    char *file_path;               /* where a file is followed */
    char *swarm_endpoint;          /* of a manager; NULL: lb-discovery's default */
    struct config_catalog catalog; /* what is read from Consul, and registered there */
    char *service;                 /* NULL: none was given, and it is "appserver" */
    char *default_route;           /* "auto", "404", "503", or the service in place of `service` */
    char *dialects;                /* that containers are understood in: "lb,traefik"; "all" */
    unsigned requires_label;       /* 1: a container that no dialect has a word for is left out */
    unsigned exposed_by_default;   /* 0: without traefik.enable=true Traefik's labels do nothing */
    char *default_rule;            /* of Traefik; NULL: its own */
    char *discovery_program;  /* NULL: lb-discovery beside lb, else on PATH; see config_socket.h */
    char *state_path;         /* NULL: orders end with lb */
    char *sticky_secret_file; /* NULL: none */
    char *sticky_secret;      /* what stands in it; NULL: none was given */
    char *config_path;        /* NULL: no file was read */

    struct config_error_page *error_pages;
    unsigned error_page_count;

    char **certificate_dirs; /* where certificates lie */
    unsigned certificate_dir_count;
    char **certificate_also; /* there too, where such a directory is there (config_also.h) */
    unsigned certificate_also_count;

    char *htpasswd_dir;         /* of files that routes name; NULL: none */
    char *error_pages_dir;      /* of folders; the same */
    char *backend_certificates; /* of PEM files, for servers by https; the same */

    enum config_jail jail;
    char *handover_path;         /* of a socket; NULL: no other master takes over */
    unsigned handover_grace_ms;  /* given way to a successor until what runs is cut off */
    unsigned upgrade_timeout_ms; /* until a successor must be ready */
    char *user, *discovery_user; /* of lb-proxy and lb-discovery, where lb is started as root */

    struct config_acme acme;     /* certificates that lb-acme gets */
    struct config_report report; /* what lb-report delivers */

    unsigned metrics_compat; /* 1: /metrics has the names of the nginx exporter too */
    enum log_level log_level;
    enum log_format log_format;
    char *access_log;        /* a path; "-": standard output; "off" */
    char *access_log_format; /* a word or a template, see lb/observe/access_format.h */

    unsigned head_timeout_ms;      /* first byte of a request until its head is complete */
    unsigned idle_timeout_ms;      /* client connection between requests */
    unsigned shutdown_delay_ms;    /* told to stop until it stops accepting */
    unsigned shutdown_grace_ms;    /* and from then until what runs is cut off */
    unsigned resolve_interval_ms;  /* 0: a name that is known is not asked for again */
    unsigned discovery_timeout_ms; /* silence after which lb-discovery is taken for hung */

    struct config_policy policy; /* of all services */

    unsigned max_head_bytes;
    unsigned max_header_count;
    unsigned max_target_bytes;
    uint64_t max_body_bytes;             /* 0: no limit */
    uint64_t max_buffer_bytes;           /* of all workers; 0: from the memory limit */
    unsigned max_request_count;          /* on one connection; 0: no limit */
    unsigned max_held_count;             /* of requests that wait for a backend */
    unsigned max_connections_per_client; /* 0: no limit */
    unsigned max_connection_count;       /* 0: from RLIMIT_NOFILE and memory */
    unsigned max_flow_count;             /* the same */

    struct config_words words;
};

/* The table of all this: the one place where a setting of the whole program is added. */
extern const struct config_table config_root;

/* Frees what the tree owns and zeroes it; harmless on a zeroed tree. */
void config_fini(struct config *config);

#endif
