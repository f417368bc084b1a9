/* What routes do with http and https where they do not say it themselves. */
#ifndef LB_CONFIG_CONFIG_HTTPS_H
#define LB_CONFIG_CONFIG_HTTPS_H

#define CONFIG_WEBROOT_MAX 16

/* In the order of its words, which is that of enum https_method from its second on. */
enum config_https_method {
    CONFIG_HTTPS_REDIRECT,
    CONFIG_HTTPS_NOREDIRECT,
    CONFIG_HTTPS_NOHTTP,
    CONFIG_HTTPS_NOHTTPS,
};

struct config_https {
    enum config_https_method method;
    unsigned port;
    char *hsts;      /* the field's value; NULL or "off": none */
    char **webroots; /* of ACME clients; NULL: none */
    unsigned webroot_count;
};

#endif
