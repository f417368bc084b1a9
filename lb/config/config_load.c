#include "lb/config/config_load.h"

#include <string.h>

#include "lb/config/config_also.h"
#include "lb/config/config_apply.h"
#include "lb/config/config_args.h"
#include "lb/config/config_env.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_field.h"
#include "lb/config/config_file.h"
#include "lb/config/config_layer.h"
#include "lb/config/config_listeners.h"
#include "lb/config/config.h"
#include "lb/config/config_secret.h"
#include "lb/config/config_socket.h"

/* With SO_REUSEPORT both binds would succeed and share the connections between them. */
static bool check_admin(const struct config *config, struct text *problem)
{
    char address[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < config->listen_count; i++) {
        if (config->admin_enabled && address_port(&config->admin) != 0 &&
            address_eq(&config->admin, &config->listens[i])) {
            text_appendf(problem,
                         "--admin: \"%s\" is also an address of --listen; "
                         "give it another port",
                         address_format(&config->admin, address));
            return false;
        }
    }
    return true;
}

/* Who runs lb must have thought of who can reach its admin listener. */
static bool check_exposure(const struct config *config, enum config_action action,
                           struct text *problem)
{
    char address[ADDRESS_TEXT_BYTES];
    bool listens = action == CONFIG_RUN || action == CONFIG_CHECK || action == CONFIG_PRINT;
    if (!listens || !config->admin_enabled || config->admin_secret || config->admin_open ||
        address_is_loopback(&config->admin))
        return true;
    text_appendf(problem,
                 "--admin: \"%s\" can be reached from other machines; name a token with "
                 "--admin-token-file FILE, or say --admin-open if something else protects it",
                 address_format(&config->admin, address));
    return false;
}

struct layers {
    struct config_layer file, env, args;
    struct config_words words;
};

static bool read_layers(int argc, char *const *argv, char *const *envp, struct layers *layers,
                        enum config_action *action, struct text *faults)
{
    bool is_good = config_args_read(argc, argv, &layers->args, action, &layers->words, faults);
    if (!config_args_needs_settings(*action)) {
        config_layer_fini(&layers->args);
        return is_good;
    }
    config_env_read(envp, &layers->env);
    const struct config_entry *named = config_layer_last(&layers->args, "config");
    if (!named)
        named = config_layer_last(&layers->env, "config");
    return (!named || config_file_read(named, &layers->file, faults)) && is_good;
}

/* What several settings mean together. */
static bool check_together(struct config *config, enum config_action action, struct text *faults)
{
    struct text problem = TEXT_INIT;
    bool is_good = check_admin(config, &problem) || config_faults_add(faults, &problem);
    is_good = config_listeners_check(config, faults) && is_good;
    if (!config_acme_check(&config->acme, &problem))
        is_good = config_faults_add(faults, &problem);
    if (!config_secret_read(config, &problem))
        is_good = config_faults_add(faults, &problem);
    else if (!check_exposure(config, action, &problem))
        is_good = config_faults_add(faults, &problem);
    text_fini(&problem);
    return is_good;
}

static bool is_named(const struct layers *layers, const char *word)
{
    return config_layer_last(&layers->file, word) || config_layer_last(&layers->env, word) ||
           config_layer_last(&layers->args, word);
}

/* Words that say something of another setting say nothing without it. */
static const struct {
    const char *word, *of, *what;
} dependants[] = {
    {"consul-service", "consul", "it says something of Consul's catalog, which is not followed"},
    {"consul-port", "consul", "it says something of Consul's catalog, which is not followed"},
    {"consul-address", "consul", "it says something of Consul's catalog, which is not followed"},
    {"consul-node", "consul", "it says something of Consul's catalog, which is not followed"},
    {"advertise", "register", "it says how containers are registered, which they are not"},
    {"register-internal", "register", "it says how containers are registered, which they are not"},
    {"register-explicit", "register", "it says how containers are registered, which they are not"},
    {"register-tags", "register", "it says how containers are registered, which they are not"},
    {"register-ttl", "register", "it says how containers are registered, which they are not"},
    {"register-cleanup", "register", "it says how containers are registered, which they are not"},
    {"register-name", "register", "it says how containers are registered, which they are not"},
    {"deregister-after", "register", "it says how containers are registered, which they are not"},
    {"deregister", "register", "it says how containers are registered, which they are not"},
    {"host-name", "register", "it says how containers are registered, which they are not"},
    {"gelf-compress", "gelf", "it says how lines go by GELF, which they do not"},
    {"gelf-host", "gelf", "it says how lines go by GELF, which they do not"},
    {"sentry-environment", "sentry-dsn-file", "it says what Sentry is told, which is told nothing"},
    {"sentry-queries", "sentry-dsn-file", "it says what Sentry is told, which is told nothing"},
};

/* In a file such words may stand and wait. */
static bool is_said(const struct layers *layers, const char *word)
{
    return config_layer_last(&layers->args, word) || config_layer_last(&layers->env, word);
}

/* A DSN can be given itself, too. */
static bool is_there(const struct layers *layers, const char *word)
{
    return is_named(layers, word) ||
           (strcmp(word, "sentry-dsn-file") == 0 && is_named(layers, "sentry-dsn"));
}

/* Where the other word is said anywhere, but not in force, what belongs to it waits with it. */
static bool check_dependants(const struct layers *layers, const struct config *config,
                             struct text *faults)
{
    struct text problem = TEXT_INIT;
    bool is_good = true;
    for (size_t i = 0; i < sizeof(dependants) / sizeof(dependants[0]); i++) {
        if (!is_said(layers, dependants[i].word) || is_there(layers, dependants[i].of))
            continue;
        text_appendf(&problem, "--%s: %s; give --%s as well, or leave it out", dependants[i].word,
                     dependants[i].what, dependants[i].of);
        is_good = config_faults_add(faults, &problem);
    }
    if (config->catalog.registrar && config->sources & CONFIG_SOURCE_STATIC) {
        text_append_str(&problem, "--register: cannot be used together with --backend, as no "
                                  "lb-discovery runs that could register; remove it, and "
                                  "run lb-discovery --register beside lb");
        is_good = config_faults_add(faults, &problem);
    }
    text_fini(&problem);
    return is_good;
}

/* What the lb-discovery that runs elsewhere is to be told itself. Variables may be those of both, and words of a file
 * may wait. */
static bool check_elsewhere(const struct layers *layers, const struct config *config,
                            struct text *faults)
{
    static const char *const words[] = {"docker",
                                        "swarm",
                                        "consul",
                                        "file",
                                        "dialects",
                                        "require-label",
                                        "traefik-exposed",
                                        "traefik-default-rule",
                                        "consul-service",
                                        "consul-port",
                                        "consul-address",
                                        "consul-node",
                                        "advertise",
                                        "register",
                                        "register-internal",
                                        "register-explicit",
                                        "register-tags",
                                        "register-ttl",
                                        "register-cleanup",
                                        "register-name",
                                        "deregister-after",
                                        "deregister",
                                        "host-name",
                                        "discovery-user"};
    struct text problem = TEXT_INIT;
    bool is_good = true;
    if (!config_socket_of(config->discovery_program))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!config_layer_last(&layers->args, words[i]))
            continue;
        text_appendf(&problem,
                     "--%s: has no effect with --discovery unix:PATH, as that lb-discovery is "
                     "started elsewhere; leave it out, and give it there",
                     words[i]);
        is_good = config_faults_add(faults, &problem);
    }
    if (config->sources & CONFIG_SOURCE_STATIC) {
        text_append_str(&problem, "--backend: cannot be used together with --discovery unix:PATH; "
                                  "leave out one of them");
        is_good = config_faults_add(faults, &problem);
    }
    text_fini(&problem);
    return is_good;
}

bool config_load(int argc, char **argv, char *const *envp, struct config *out,
                 enum config_action *action, struct text *faults)
{
    struct layers layers = {0};
    *out = (struct config){0};
    config_field_init_all(&config_root, out);
    bool is_good = read_layers(argc, argv, envp, &layers, action, faults);
    is_good = config_apply(&layers.file, &config_root, out, faults) && is_good;
    is_good = config_apply(&layers.env, &config_root, out, faults) && is_good;
    is_good = config_apply(&layers.args, &config_root, out, faults) && is_good;
    out->admin_enabled = out->admin.socket.any.sa_family != 0;
    config_also_settle(
        out, (const struct config_layer *const[]){&layers.file, &layers.env, &layers.args});
    if (out->sources == 0)
        out->sources = CONFIG_SOURCE_DOCKER;
    is_good = check_together(out, *action, faults) && is_good;
    is_good = check_dependants(&layers, out, faults) && is_good;
    is_good = check_elsewhere(&layers, out, faults) && is_good;
    out->words = layers.words;
    out->admin_is_named = is_named(&layers, "admin");
    config_layer_fini(&layers.file);
    config_layer_fini(&layers.env);
    config_layer_fini(&layers.args);
    return is_good;
}
