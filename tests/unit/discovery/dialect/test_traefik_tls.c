/* Rows of Traefik's table that are about TLS: routers by scheme (T26), servers by https (T45, T67), redirects (T70), HSTS
 * (T76), entry points (T88); and F8 of fabio's. */
#include "tests/unit/discovery/dialect/tls_case.h"

#define R        "traefik.http.routers.r."
#define ROUTER   R "rule=Host(`a`);" R
#define M        "traefik.http.middlewares.m."
#define S        "traefik.http.services.s.loadbalancer.server"
#define SERVER   R "rule=Host(`a`);" S
#define BY_TLS   "host=a scheme=https > Test@docker"
#define BY_PLAIN "host=a scheme=http https=noredirect > Test@docker"
#define BY_BOTH  "host=a > Test@docker"
#define BY_R     " by traefik.http.routers.r"

static const struct tls_case rows[] = {
    {"T26 router for TLS", ROUTER "tls=true", BY_TLS, NULL, NULL},
    {"T26 router for TLS with a resolver", ROUTER "tls.certresolver=le", BY_TLS, "a" BY_R, NULL},
    {"T26 router without TLS", ROUTER "tls=false", BY_BOTH, NULL, NULL},
    {"T26 router for TLS at a plain entry point", ROUTER "tls=true;" R "entrypoints=web", BY_TLS,
     NULL, NULL},
    {"T26 router without a word on it", R "rule=Host(`a`)", BY_BOTH, NULL, NULL},
    {"T26 plain entry points", ROUTER "entrypoints=web,http", BY_PLAIN, NULL, NULL},
    {"T26 entry points with TLS", ROUTER "entrypoints=websecure", BY_TLS, NULL, NULL},
    {"T26 entry points with TLS, the other one", ROUTER "entrypoints=https", BY_TLS, NULL, NULL},
    {"T26 entry points of both kinds", ROUTER "entrypoints=web,websecure", BY_BOTH, NULL, NULL},
    {"T26 entry points of which one is known", ROUTER "entrypoints=other,websecure", BY_TLS, NULL,
     NULL},
    {"T26 entry points of which none is known", ROUTER "entrypoints=other", "", NULL,
     "none of its entry points"},
    {"T26 one with TLS beside one without",
     ROUTER "entrypoints=websecure;" R "tls=true;traefik.http.routers.p.rule=Host(`a`);"
            "traefik.http.routers.p.entrypoints=web",
     BY_PLAIN "|" BY_TLS, NULL, NULL},
    {"T26 options of TLS", ROUTER "tls.options=mtls@file", BY_TLS, NULL,
     "tls.options is not followed"},
    {"T26 the usual options of TLS", ROUTER "tls.options=default", BY_TLS, NULL, NULL},
    {"T26 resolver, hosts of the rule",
     R "rule=Host(`B.test`) && PathPrefix(`/x`) || Host(`a.test`) && !Host(`c.test`);" R
       "tls.certresolver=le",
     "host=b.test path_start=/x scheme=https > Test@docker|"
     "host=a.test scheme=https not host=c.test > Test@docker",
     "b.test,a.test" BY_R, NULL},
    {"T26 resolver, domains",
     ROUTER "tls.certresolver=le;" R "tls.domains[0].main=a.test;" R
            "tls.domains[0].sans=b.test,c.test;" R "tls.domains[1].main=d.test",
     BY_TLS, "a.test,b.test,c.test" BY_R "|d.test" BY_R, NULL},
    {"T26 resolver, no host", R "rule=PathPrefix(`/`);" R "tls.certresolver=le",
     "path_start=/ scheme=https > Test@docker", NULL, "its rule names no host"},
    {"T26 resolver, a domain that takes DNS",
     ROUTER "tls.certresolver=le;" R "tls.domains[0].main=a.test;" R "tls.domains[0].sans=*.a.test",
     BY_TLS, "a.test" BY_R, "takes a challenge by DNS"},
    {"T26 domains without a resolver", ROUTER "tls.domains[0].main=a.test", BY_TLS, NULL, NULL},
    {"T45 server by https", SERVER ".scheme=https;" S ".port=8443",
     "host=a > s@docker backend-verify=yes", NULL, NULL},
    {"T45 server by https that lb is not to verify",
     SERVER ".scheme=https;" S ".port=8443;lb.backend-verify=no",
     "host=a > s@docker backend-verify=no", NULL, NULL},
    {"T67 transport of servers", SERVER ".scheme=https;" S "stransport=x@file",
     "host=a > s@docker backend-verify=yes", NULL, "lb.backend-verify"},
    {"T45 server by http", SERVER ".scheme=http;" S ".port=8443", "host=a > s@docker", NULL, NULL},
    {"T70 redirect to https", ROUTER "middlewares=m;" M "redirectscheme.scheme=https",
     "host=a redirect=302 https > Test@docker", NULL, NULL},
    {"T70 redirect to https of a plain entry point",
     ROUTER "middlewares=m;" R "entrypoints=web;" M "redirectscheme.scheme=https;" M
            "redirectscheme.permanent=true",
     "host=a scheme=http redirect=301 https https=noredirect > Test@docker", NULL, NULL},
    {"T76 HSTS", ROUTER "middlewares=m;" M "headers.stsseconds=1",
     "host=a hsts=max-age=1 > Test@docker", NULL, NULL},
    {"T76 HSTS, all of it",
     ROUTER "tls=true;" R "middlewares=m;" M "headers.stsseconds=31536000;" M
            "headers.stsincludesubdomains=true;" M "headers.stspreload=true",
     "host=a scheme=https hsts=max-age=31536000; includeSubDomains; preload > Test@docker", NULL,
     NULL},
    {"T76 HSTS also by http",
     ROUTER "middlewares=m;" M "headers.stsseconds=1;" M "headers.forcestsheader=true",
     "host=a response-headers=set Strict-Transport-Security: max-age=1 > Test@docker", NULL, NULL},
    {"T76 no HSTS", ROUTER "middlewares=m;" M "headers.stsseconds=0", BY_BOTH, NULL, NULL},
    {"T76 HSTS for longer than a browser counts",
     ROUTER "middlewares=m;" M "headers.stsseconds=9223372036854775807", BY_BOTH, NULL, "hsts"},
    {"T88 the redirect of an entry point is a setting of lb", ROUTER "entrypoints=web", BY_PLAIN,
     NULL, NULL},
    {"TCP router whose TLS lb would have to end",
     "traefik.tcp.routers.t.rule=HostSNI(`a`);traefik.tcp.routers.t.entrypoints=443;"
     "traefik.tcp.routers.t.tls=true",
     "", NULL, "lb ends TLS for HTTP alone"},
    {"F8 server by https", "SERVICE_80_TAGS=urlprefix-a/ proto=https",
     "host=a > a backend-verify=yes", NULL, NULL},
    {"F8 server by https that is believed",
     "SERVICE_80_TAGS=urlprefix-a/ proto=https tlsskipverify=true", "host=a > a backend-verify=no",
     NULL, NULL},
    {"F8 server by https that is believed, the other way round",
     "SERVICE_80_TAGS=urlprefix-a/ tlsskipverify=true proto=https", "host=a > a backend-verify=no",
     NULL, NULL},
    {"F8 server by https that lb is to believe",
     "SERVICE_80_TAGS=urlprefix-a/ proto=https;lb.backend-verify=no",
     "host=a > a backend-verify=no", NULL, NULL},
};

TLS_CASES(rows)
