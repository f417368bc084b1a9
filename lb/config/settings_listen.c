/* What lb listens to, and what it makes of what comes in. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name)                   CONFIG_FIELD(struct config, name)
#define LIST(items, count, max, noun) CONFIG_LIST(struct config, items, count, max, noun)

static const char *const off_on[] = {"off", "on", NULL};
static const char *const off_on_read[] = {"off", "on", "read", NULL};

/* In the order of enum config_trace_context. */
static const char *const trace_contexts[] = {"pass", "generate", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "listen", .kind = &kind_listen, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT", .default_text = "0.0.0.0:8000", .needs_restart = true,
     LIST(listens, listen_count, CONFIG_LISTEN_MAX, "addresses"),
     .help = "for requests; repeatable; 8000 means 0.0.0.0:8000",
     .manual = "Take requests here.\n"
               "Repeatable.\n"
               "A port alone means all IPv4 addresses of the host;\n"
               ".Ql [::]:80\n"
               "is IPv6.\n"},
    {.word = "listen-also", .kind = &kind_listen, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT", .needs_restart = true,
     LIST(also, also_count, CONFIG_ALSO_MAX, "addresses"),
     .help = "there too where it can be had; not where --listen is given alone",
     .manual = "Take requests here too, or warn and go on where that cannot be had.\n"
               "It does not count where\n"
               ".Fl Fl listen\n"
               "is given without it.\n"
               "The image has\n"
               ".Ql 80\n"
               "here, as a variable: a flag\n"
               ".Fl Fl listen\n"
               "is followed alone.\n"
               "Repeatable.\n"},
    {.word = "admin", .kind = &kind_listen, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT|off", .default_text = "127.0.0.1:8001", .needs_restart = true,
     FIELD(admin), .takes_off = true,
     .help = "health, state and orders; 8001 means 127.0.0.1:8001",
     .manual = "Answer questions and take orders of operators here: see\n"
               ".Sx ADMIN PAGES .\n"
               "A port alone is one of\n"
               ".Ql 127.0.0.1 .\n"
               "An address that others can reach needs\n"
               ".Fl Fl admin-token-file\n"
               "or\n"
               ".Fl Fl admin-open .\n"},
    {.word = "admin-token", .kind = &kind_secret, .group = CONFIG_GROUP_LISTEN,
     .value_name = "TOKEN", FIELD(admin_token),
     .help = "what its askers must know; better in a file",
     .manual = "What those who ask must know: 16 to 256 letters, digits or any of\n"
               ".Li -._~+/= .\n"
               "Others can see the flags of a process: a file is better.\n"},
    {.word = "admin-token-file", .kind = &kind_path, .group = CONFIG_GROUP_LISTEN,
     .value_name = "FILE", FIELD(admin_token_file),
     .help = "that has this token and nothing else",
     .manual = "A file that has this token and nothing else.\n"
               "It is warned about if others than its owner may read it.\n"},
    {.word = "admin-open", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|read|off", .words = off_on_read, .default_text = "off", FIELD(admin_open),
     .help = "ask for no token; read: but take no orders from elsewhere",
     .manual = "Ask for no token, wherever\n"
               ".Fl Fl admin\n"
               "can be reached from.\n"
               "With\n"
               ".Ql read\n"
               "orders are taken only from\n"
               ".Nm Ns 's\n"
               "own machine or container.\n"
               "The flag alone means on.\n"},
    {.word = "admin-host", .kind = &kind_name, .group = CONFIG_GROUP_LISTEN,
     .value_name = "NAME", FIELD(admin_host),
     .help = "a name with a dot that it may be asked under without a token",
     .manual = "A name with a dot, for example\n"
               ".Ql lb.internal ,\n"
               "under which the admin listener answers and takes orders without a token.\n"
               "Else it answers under IP addresses, localhost and names without a dot, which\n"
               "nobody can buy.\n"},
    {.word = "admin-behind-proxy", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(admin_behind_proxy),
     .help = "answer what a proxy passes on, too",
     .manual = "Answer on the admin listener what a proxy has passed on, which\n"
               ".Li Via , Forwarded , X-Forwarded-*\n"
               "or\n"
               ".Li X-Real-IP\n"
               "show.\n"
               "The flag alone means on.\n"},
    {.word = "trusted-proxies", .kind = &kind_cidr, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CIDR,...",
     LIST(trusted, trusted_count, CONFIG_TRUSTED_MAX, "ranges"), .list.is_split = true,
     .help = "whose X-Forwarded-* fields are believed; repeatable [nobody's]",
     .manual = "Believe the\n"
               ".Li X-Forwarded-*\n"
               "fields of clients in these ranges, and append to them.\n"
               "From everybody else they are replaced, and so is what else tells of a client:\n"
               ".Li Forwarded , X-Real-IP , X-Scheme , Front-End-Https , X-Client-IP ,\n"
               ".Li True-Client-IP , CF-Connecting-IP\n"
               "and their like.\n"
               "Spellings that differ only in marks\n"
               ".Pq Li X_Forwarded_Proto\n"
               "are believed from nobody, as CGI and WSGI make one variable of both.\n"
               "Nor are\n"
               ".Li X-Forwarded-Ssl ,\n"
               "which servers get as\n"
               ".Ql on\n"
               "where the client came by HTTPS, and what tells of a client's certificate:\n"
               ".Li X-SSL-Client-Verify\n"
               ".Pq Ql SUCCESS , NONE , FAILED:REASON ,\n"
               ".Li X-SSL-Client-S-DN , X-SSL-Client-Fingerprint ,\n"
               "which servers get where\n"
               ".Nm\n"
               "has asked the client for one, and\n"
               ".Li Client-Cert .\n"
               "Repeatable.\n"},
    {.word = "proxy-protocol-from", .kind = &kind_cidr, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CIDR",
     LIST(prefaced, prefaced_count, CONFIG_TRUSTED_MAX, "ranges"), .list.is_split = true,
     .help = "who begins with a PROXY header, v1 or v2; repeatable [nobody]",
     .manual = "Read a header of the PROXY protocol, version 1 or 2, from peers in these ranges, before all\n"
               "else that they send to a listener of HTTP or TCP.\n"
               "The address in it is the client's for everything: the log, limits by client, rules, balance\n"
               "by client,\n"
               ".Li X-Forwarded-For ,\n"
               "and whether it is one of\n"
               ".Fl Fl trusted-proxies .\n"
               "Where it names none\n"
               ".Pq Li LOCAL , Li UNKNOWN\n"
               "the peer's own stays.\n"
               "One that is malformed or missing is refused; but what comes from a loopback address may do\n"
               "without, as probes do.\n"
               "From everybody else no such header is read, so list nobody who passes on what others send.\n"
               "Repeatable.\n"},
    {.word = "forwarded", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(adds_forwarded),
     .help = "add the standard field Forwarded (RFC 7239) too",
     .manual = "Add the standard field\n"
               ".Li Forwarded\n"
               "(RFC 7239) too.\n"},
    {.word = "via", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(adds_via),
     .help = "name lb in Via; off: nginx backends compress, loops stay unseen",
     .manual = "Add\n"
               ".Ql lb\n"
               "to the field\n"
               ".Li Via\n"
               "of requests.\n"
               "nginx as a backend compresses nothing that comes with\n"
               ".Li Via ,\n"
               "unless its\n"
               ".Li gzip_proxied\n"
               "says so;\n"
               ".Ql off\n"
               "leaves the field as it came, and requests that go in a circle are not noticed\n"
               "any more.\n"},
    {.word = "trace-context", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "pass|generate", .words = trace_contexts, .default_text = "pass", FIELD(trace_context),
     .help = "pass traceparent as it came, or make one where none came",
     .manual = "What becomes of the field\n"
               ".Li traceparent\n"
               "of requests (W3C Trace Context).\n"
               "With\n"
               ".Sy pass\n"
               "it goes on as it came, or not at all.\n"
               "With\n"
               ".Sy generate\n"
               "one is made where none came, or none that is valid.\n"
               "Its trace id is in the access log either way, as\n"
               ".Li trace.id .\n"},
    {.word = "abort-on-close", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(aborts_on_close),
     .help = "give up what a client asked for when it shuts its side",
     .manual = "A client that shuts its sending side while its request is served has gone:\n"
               "the connection to the backend is closed, and the request ends as\n"
               ".Li client_gone .\n"
               "Otherwise it gets its answer, as it may still be reading.\n"
               "The label\n"
               ".Li lb.abort-on-close\n"
               "says it for one container.\n"
               "Behind requests that were sent ahead of their answers the end is noticed\n"
               "within a second, or within\n"
               ".Fl Fl body-timeout\n"
               "where a part of an answer had to wait for the client.\n"},
    {.word = "htpasswd-dir", .kind = &kind_path, .group = CONFIG_GROUP_LISTEN,
     .value_name = "DIR", FIELD(htpasswd_dir),
     .help = "where the files of users lie that routes name",
     .manual = "Routes that ask for a name and a password\n"
               ".Pq the label Li lb.auth-file\n"
               "name a file in this directory, as\n"
               ".Xr htpasswd 1\n"
               "writes it: bcrypt, SHA-crypt, apr1, or SHA-1.\n"
               "A change is in force within two seconds.\n"
               "A route whose file is not there, cannot be read or has nobody in it is held with 503.\n"
               "As with nginx-proxy, a file here by the name of a container's\n"
               ".Ev VIRTUAL_HOST\n"
               "holds for that site.\n"
               "Files of passwords are best readable by\n"
               ".Nm\n"
               "alone.\n"},
    {.word = "error-pages-dir", .kind = &kind_path, .group = CONFIG_GROUP_LISTEN,
     .value_name = "DIR", FIELD(error_pages_dir),
     .help = "where the folders of error pages lie that routes name",
     .manual = "Routes with pages of their own for errors of\n"
               ".Nm\n"
               ".Pq the label Li lb.error-pages\n"
               "name a folder in this directory, with files such as\n"
               ".Pa 503.html , 5xx.html , 404.json\n"
               "or\n"
               ".Pa 4xx.txt ,\n"
               "of at most 64k each.\n"
               "A change is in force within two seconds.\n"},
    {.word = "error-page", .kind = &kind_error_page, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CODE=FILE",
     LIST(error_pages, error_page_count, CONFIG_ERROR_PAGE_MAX, "pages"), .list.later_wins = true,
     .help = "what clients get with this status of lb's own; repeatable",
     .manual = "Send this file when\n"
               ".Nm\n"
               "itself answers with this status, 400 to 599.\n"
               "Repeatable.\n"
               "The file is read at the start and has at most 64k.\n"},
};
/* clang-format on */

const struct config_table settings_listen = CONFIG_TABLE(struct config, settings);
