/* What lb-report delivers, and where: log lines by GELF, incidents to Sentry. */
#ifndef LB_CONFIG_CONFIG_REPORT_H
#define LB_CONFIG_CONFIG_REPORT_H

#include <stdbool.h>

enum config_compress { CONFIG_COMPRESS_GZIP, CONFIG_COMPRESS_ZLIB, CONFIG_COMPRESS_NONE };

struct config_report {
    char *
        gelf; /* "udp://HOST:PORT" or "tcp://HOST:PORT", its port may lack; NULL: nothing is sent */
    enum config_compress compress; /* of UDP */
    char *gelf_host;               /* NULL: the name of this host */
    char *dsn;                     /* NULL: not given here */
    char *dsn_file;                /* NULL: none */
    char *dsn_secret;              /* the DSN of either; NULL: nothing is sent */
    bool dsn_is_exposed;           /* others than its owner may read the file */
    char *environment;
    unsigned sends_queries; /* 1: of URLs, as they came */
};

#endif
