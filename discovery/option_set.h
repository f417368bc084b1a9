/* What the command line and the environment of lb-discovery say, and what that comes to. */
#ifndef DISCOVERY_OPTION_SET_H
#define DISCOVERY_OPTION_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/consul/consul_options.h"
#include "discovery/dialect/dialect.h"
#include "discovery/docker/enlistment_settings.h"
#include "discovery/net/server_url.h"
#include "discovery/registrar/registrar_options.h"
#include "lb/base/log.h"
#include "lb/jail/jail.h"

struct options_environment {
    const char *docker_host;        /* DOCKER_HOST, or NULL; so the others */
    const char *docker_found;       /* where it is, when that is not given */
    const char *docker_tls_verify;  /* DOCKER_TLS_VERIFY */
    const char *container_id;       /* LB_CONTAINER_ID */
    const char *dialects;           /* LB_DIALECTS */
    const char *require_label;      /* LB_REQUIRE_LABEL */
    const char *exposed_by_default; /* LB_TRAEFIK_EXPOSED */
    const char *default_rule;       /* LB_TRAEFIK_DEFAULT_RULE */
    const char *default_host;       /* DEFAULT_HOST, of nginx-proxy */
    const char *network_access;     /* NETWORK_ACCESS, of nginx-proxy */
    const char *htpasswd_dir;       /* LB_HTPASSWD_DIR: lb has one; not looked into here */
    const char *log_level;          /* LB_LOG_LEVEL */
    const char *log_format;         /* LB_LOG_FORMAT */
    const char *consul_addr;        /* CONSUL_HTTP_ADDR */
    const char *consul_token;       /* CONSUL_HTTP_TOKEN */
    const char *consul_token_file;  /* CONSUL_HTTP_TOKEN_FILE */
    const char *consul_ssl;         /* CONSUL_HTTP_SSL */
    const char *consul_ssl_verify;  /* CONSUL_HTTP_SSL_VERIFY */
    const char *consul_ca_file;     /* CONSUL_CACERT */
    const char *consul_ca_path;     /* CONSUL_CAPATH */
    const char *consul_cert;        /* CONSUL_CLIENT_CERT */
    const char *consul_key;         /* CONSUL_CLIENT_KEY */
    const char *consul_server_name; /* CONSUL_TLS_SERVER_NAME */
    const char *consul_services;    /* LB_CONSUL_SERVICES: to which lb leads by itself */
    const char *listen;             /* LB_DISCOVERY_LISTEN: where lb listens, IP:PORT */
    const char *ready;              /* LB_DISCOVERY_READY: the URL that says whether lb is ready */
    const char *parent;             /* LB_DISCOVERY_PARENT: lb reads the lines */
    const char *jail;               /* LB_DISCOVERY_JAIL */
    const char *to;                 /* LB_DISCOVERY_TO */
};

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_SCHEMA, OPTIONS_CHECK };

struct options {
    enum options_action action;
    bool follows_docker;      /* else it may be followed for what is registered only */
    struct server_url docker; /* where it is followed, for whatever reason */
    const char *file_path;    /* NULL: none; borrowed from argv */
    bool follows_swarm;
    struct server_url swarm;
    bool follows_consul;
    struct consul_options consul;
    bool registers;
    bool is_silent; /* it only registers: no lines are printed */
    struct registrar_options registrar;
    struct enlistment_settings enlistment;
    const char *to_path; /* of the socket where lb listens; NULL: standard output. Borrowed */
    const char *self;    /* NULL: find out; borrowed */
    bool is_once;
    uint32_t resync_s;
    struct dialect_settings dialects; /* their strings are borrowed */
    enum log_level log_level;
    enum log_format log_format;
    enum jail_mode jail;
};

#endif
