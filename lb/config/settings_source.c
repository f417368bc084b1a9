/* Where backends come from. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name)                   CONFIG_FIELD(struct config, name)
#define LIST(items, count, max, noun) CONFIG_LIST(struct config, items, count, max, noun)
#define SOURCE(value)                 .choice = &source, .chosen = (value)

static const char *const off_on[] = {"off", "on", NULL};
static const char *const dialects[] = {"all",         "lb",    "nginx-proxy", "traefik",
                                       "registrator", "fabio", NULL};

static const struct config_choice source = {
    .offset = offsetof(struct config, sources),
    .advice = "name any of docker, swarm, consul and file, or backend",
};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "docker", .kind = &kind_docker, .group = CONFIG_GROUP_SOURCE,
     .value_name = "ENGINE", .value_is_optional = true, .needs_restart = true,
     FIELD(docker_endpoint), SOURCE(CONFIG_SOURCE_DOCKER), .joins = true,
     .help = "follow Docker [$DOCKER_HOST, else unix:///var/run/docker.sock]",
     .manual = "Follow a Docker engine:\n"
               ".Ql unix:///PATH ,\n"
               ".Ql tcp://HOST:PORT\n"
               "or\n"
               ".Ql http://HOST:PORT .\n"
               "Without a value it is\n"
               ".Ev DOCKER_HOST ,\n"
               "else\n"
               ".Pa /var/run/docker.sock\n"
               "or, where that is no socket,\n"
               ".Pa /tmp/docker.sock .\n"},
    {.word = "swarm", .kind = &kind_docker, .group = CONFIG_GROUP_SOURCE,
     .value_name = "ENGINE", .value_is_optional = true, .needs_restart = true,
     FIELD(swarm_endpoint), SOURCE(CONFIG_SOURCE_SWARM), .joins = true,
     .help = "follow a Docker Swarm: ENGINE is a manager's [as for --docker]",
     .manual = "Follow the services of a swarm and their tasks on all of its nodes, as the engine\n"
               "of a manager tells them.\n"
               "The labels of a service count, and those of its containers more.\n"
               "Without a value it is the engine of\n"
               ".Fl Fl docker .\n"},
    {.word = "consul", .kind = &kind_agent, .group = CONFIG_GROUP_SOURCE,
     .value_name = "URL", .value_is_optional = true, .needs_restart = true,
     FIELD(catalog.consul), SOURCE(CONFIG_SOURCE_CONSUL), .joins = true,
     .help = "follow Consul's catalog [$CONSUL_HTTP_ADDR, else 127.0.0.1:8500]",
     .manual = "Follow the services of Consul's catalog that are tagged for a proxy, or that\n"
               "lb leads to.\n"
               "The URL is that of an agent:\n"
               ".Ql http://HOST:PORT ,\n"
               ".Ql https://HOST:PORT ,\n"
               ".Ql consul://HOST:PORT ,\n"
               ".Ql consul-tls://HOST:PORT ,\n"
               ".Ql unix:///PATH\n"
               "or\n"
               ".Ql HOST:PORT .\n"
               "Without a value it is\n"
               ".Ev CONSUL_HTTP_ADDR ,\n"
               "else\n"
               ".Li http://127.0.0.1:8500 .\n"
               "Its token, and what TLS needs, are those of Consul's own variables; see\n"
               ".Sx ENVIRONMENT .\n"},
    {.word = "file", .kind = &kind_path, .group = CONFIG_GROUP_SOURCE,
     .value_name = "PATH", .needs_restart = true,
     FIELD(file_path), SOURCE(CONFIG_SOURCE_FILE), .joins = true,
     .help = "follow a JSON file of services and routes; beside others too",
     .manual = "Follow a file of services and routes, which is read again when it changes.\n"
               "With\n"
               ".Fl Fl docker\n"
               "or others as well its routes lead to their endpoints, too, and it comes first\n"
               "where they disagree.\n"
               ".Xr lb-discovery 8\n"
               "shows its form.\n"},
    {.word = "backend", .kind = &kind_backend, .group = CONFIG_GROUP_SOURCE,
     .value_name = "[SERVICE=]HOST:PORT",
     LIST(backends, backend_count, CONFIG_BACKEND_MAX, "backends"), SOURCE(CONFIG_SOURCE_STATIC),
     .help = "a fixed backend; of TCP and UDP db=tcp://HOST:PORT; repeatable",
     .manual = "Use this server.\n"
               "Repeatable.\n"
               "With a name and = before it, it is one of that service, else of the default one\n"
               ".Pq Fl Fl service ;\n"
               "with\n"
               ".Ql tcp://\n"
               "or\n"
               ".Ql udp://\n"
               "before the host it does not speak HTTP, and serves what comes by\n"
               ".Fl Fl tcp\n"
               "or\n"
               ".Fl Fl udp :\n"
               ".Ql db=tcp://10.0.0.2:5432 .\n"
               "A name stands for all its addresses.\n"
               "It is asked for at the start, at SIGHUP, every\n"
               ".Fl Fl resolve-interval ,\n"
               "and at once when all its addresses fail.\n"
               "One that is not known stops nothing: the others serve, and\n"
               ".Cm lb explain\n"
               "says why.\n"
               "One that is not known any more keeps its last addresses;\n"
               ".Cm lb explain\n"
               "says of these whose they are, and since when the name is lost.\n"},
    {.word = "service", .kind = &kind_name, .group = CONFIG_GROUP_SOURCE,
     .value_name = "NAME", FIELD(service),
     .help = "what no route knows goes to this service [appserver]",
     .manual = "The default service: as long as there are no routes, all requests go to it, to\n"
               ".Sy appserver\n"
               "where none is given.\n"
               "Once there are routes, it gets what none of them knows, but only if it is given;\n"
               "see\n"
               ".Fl Fl default-route .\n"},
    {.word = "default-route", .kind = &kind_route, .group = CONFIG_GROUP_SOURCE,
     .value_name = "NAME|404|503", .default_text = "auto", FIELD(default_route),
     .help = "what no route knows; auto: --service if given, else 404",
     .manual = "Once there are routes: what becomes of requests that none of them matches.\n"
               "With\n"
               ".Sy auto\n"
               "they go to\n"
               ".Fl Fl service\n"
               "if that is given, by flag, environment or file; else they are answered 404: an\n"
               "unknown host never gets the first site.\n"
               "With a name they go to this service, in place of\n"
               ".Fl Fl service .\n"
               "With\n"
               ".Sy 404\n"
               "or\n"
               ".Sy 503\n"
               "they are answered so, also while there are no routes; other numbers are refused.\n"
               "A host that a route names, or a path that a route for any host names, is known,\n"
               "and never goes to the default service: what no route matches there is answered\n"
               "404.\n"},
    {.word = "dialects", .kind = &kind_list, .group = CONFIG_GROUP_SOURCE,
     .value_name = "LIST", .words = dialects, .default_text = "all", .needs_restart = true,
     FIELD(dialects),
     .help = "whose words of containers count: lb,nginx-proxy,traefik,...",
     .manual = "Heed the labels and variables of containers that are made for these:\n"
               ".Cm lb , nginx-proxy , traefik , registrator , fabio\n"
               "or\n"
               ".Cm all ,\n"
               "with commas between.\n"
               "The words of others do nothing.\n"},
    {.word = "require-label", .kind = &kind_word, .group = CONFIG_GROUP_SOURCE,
     .value_name = "on|off", .words = off_on, .default_text = "off", .needs_restart = true,
     FIELD(requires_label),
     .help = "leave out containers that say nothing for a proxy",
     .manual = "Leave out every container that has no label or variable of the dialects that are\n"
               "heeded.\n"
               "One of them, such as\n"
               ".Li lb.enable=true ,\n"
               "lets it in.\n"},
    {.word = "traefik-exposed", .kind = &kind_word, .group = CONFIG_GROUP_SOURCE,
     .value_name = "on|off", .words = off_on, .default_text = "on", .needs_restart = true,
     FIELD(exposed_by_default),
     .help = "off: Traefik's labels need traefik.enable=true",
     .manual = "With off, the labels of Traefik have no routes without\n"
               ".Li traefik.enable=true ,\n"
               "as with\n"
               ".Li providers.docker.exposedByDefault=false .\n"},
    {.word = "traefik-default-rule", .kind = &kind_text, .group = CONFIG_GROUP_SOURCE,
     .value_name = "RULE", .needs_restart = true, FIELD(default_rule),
     .help = "the rule of containers without one, as Traefik's defaultRule",
     .manual = "Give containers that have no rule of Traefik this one, as\n"
               ".Li providers.docker.defaultRule\n"
               "does.\n"
               "Without it, those with labels of Traefik have\n"
               ".Li Host(`{{ normalize .Name }}`) .\n"},
    {.word = "allow-address", .kind = &kind_cidr, .group = CONFIG_GROUP_SOURCE,
     .value_name = "CIDR,...",
     LIST(allowed, allowed_count, CONFIG_TRUSTED_MAX, "ranges"), .list.is_split = true,
     .help = "labels may lead there: loopback, link-local; repeatable [nowhere]",
     .manual = "Labels of containers may lead requests to these addresses.\n"
               "Without it none leads to a loopback, link-local, unspecified or multicast\n"
               "address: such a container is left out as\n"
               ".Cm bad_address .\n"
               "To\n"
               ".Nm\n"
               "itself none leads ever.\n"
               "Files and\n"
               ".Fl Fl backend\n"
               "are not asked.\n"
               "Repeatable.\n"},
    {.word = "discovery", .kind = &kind_program, .group = CONFIG_GROUP_SOURCE,
     .value_name = "PROGRAM|unix:PATH", FIELD(discovery_program), .needs_restart = true,
     .help = "follows the sources [lb-discovery beside lb, else on PATH]",
     .manual = "Start this program instead of\n"
               ".Xr lb-discovery 8 .\n"
               "Without it, the one beside\n"
               ".Nm ,\n"
               "else the one on\n"
               ".Ev PATH .\n"
               ".Pp\n"
               "With\n"
               ".Ql unix:\n"
               "and the path of a socket\n"
               ".Nm\n"
               "starts none: it makes that socket, and follows the\n"
               ".Xr lb-discovery 8\n"
               "that is run elsewhere with\n"
               ".Ql --to unix:PATH ,\n"
               "for example in another container that has the engine's socket and no network.\n"
               "The sources and what containers may say\n"
               ".Pq from Fl Fl docker No to Fl Fl traefik-default-rule , and all of Sx Consul\n"
               "are that program's own flags then: among the flags of\n"
               ".Nm\n"
               "they are refused, and in the environment or a file they do nothing here.\n"},
    {.table = &config_policy_balance, FIELD(policy)},
    {.table = &config_policy_passages, FIELD(policy)},
    {.word = "sticky-secret", .kind = &kind_path, .group = CONFIG_GROUP_SOURCE,
     .value_name = "FILE", FIELD(sticky_secret_file),
     .help = "what cookies of sticky services are made with",
     .manual = "What the cookies of sticky services are made with: a file with 16 to 256 letters,\n"
               "digits or any of -._~+/=, for example from\n"
               ".Ql openssl rand -hex 32 .\n"
               "Several lb that share their clients need the same one.\n"
               "Without it there is one beside the file of\n"
               ".Fl Fl state ,\n"
               "which lb makes as soon as a service is sticky, with\n"
               ".Li .sticky-secret\n"
               "behind its name; without that, too, it follows from\n"
               ".Pa /etc/machine-id .\n"
               "So cookies hold when lb is started again.\n"},
};
/* clang-format on */

const struct config_table settings_source = CONFIG_TABLE(struct config, settings);
