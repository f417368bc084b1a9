/* The command line and the environment of lb-discovery. Pure. */
#ifndef DISCOVERY_OPTIONS_H
#define DISCOVERY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/consul/consul.h"
#include "discovery/consul/registrar.h"
#include "discovery/dialect/dialect.h"
#include "discovery/docker/enlistment_settings.h"
#include "discovery/net/server_url.h"
#include "lb/base/log.h"
#include "lb/base/text.h"

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
};

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_SCHEMA };

struct options {
    enum options_action action;
    bool follows_docker;
    struct server_url docker;
    const char *file_path; /* NULL: none; borrowed from argv */
    bool follows_swarm;
    struct server_url swarm;
    bool follows_consul;
    struct consul_options consul;
    bool registers;
    bool is_silent; /* it only registers: no lines are printed */
    struct registrar_options registrar;
    struct enlistment_settings enlistment;
    const char *self; /* NULL: find out; borrowed */
    bool is_once;
    uint32_t resync_s;
    struct dialect_settings dialects; /* their strings are borrowed */
    enum log_level log_level;
    enum log_format log_format;
};

/* Fails: false, and `problem` (emptied first) names the flag or variable, what is wrong with it and
 * what is accepted. */
bool options_parse(int argc, char *const argv[], const struct options_environment *environment,
                   struct options *out, struct text *problem);

/* What --help prints. */
const char *options_help(void);

#endif
