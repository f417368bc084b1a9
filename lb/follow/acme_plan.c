#include "lb/follow/acme_plan.h"

#include <unistd.h>

bool acme_plan_is_wanted(const struct config *config)
{
    return config->acme.email != NULL;
}

static void add_if(const char *flag, const char *value, struct helper_words *words)
{
    if (value)
        helper_words_add(words, "--%s=%s", flag, value);
}

static void add_consul(const char *consul, struct helper_words *words)
{
    if (consul && consul[0])
        helper_words_add(words, "--consul=%s", consul);
    else if (consul)
        helper_words_add(words, "--consul");
}

/* What the agent is to be shown, as lb-discovery is given it. */
static bool is_of_consul(struct view entry)
{
    static const struct view names[] = {VIEW("CONSUL_HTTP_ADDR"), VIEW("CONSUL_HTTP_TOKEN"),
                                        VIEW("CONSUL_HTTP_TOKEN_FILE"), VIEW("CONSUL_CACERT")};
    struct view name = view_cut(&entry, '=');
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (view_eq(name, names[i]))
            return true;
    return false;
}

static void set_environment(const struct config *config, struct helper_words *words)
{
    for (size_t i = 0; environ[i]; i++) {
        struct view entry = view_str(environ[i]);
        if (helper_plan_passes_on(entry) || (config->acme.consul && is_of_consul(entry)))
            helper_words_add(words, "%s", environ[i]);
    }
    /* As for lb-discovery: libcurl's parts that are not used take memory. */
    helper_words_set(words, "GNUTLS_NO_IMPLICIT_INIT", "1");
}

void acme_plan_describe(const struct config *config, struct helper_plan *out)
{
    const struct config_acme *acme = &config->acme;
    *out = (struct helper_plan){0};
    if (!acme_plan_is_wanted(config))
        return;
    struct helper_words *words = &out->arguments;
    helper_plan_find("lb-acme", out->program);
    helper_words_add(words, "--dir=%s", acme->folder);
    helper_words_add(words, "--email=%s", acme->email);
    helper_words_add(words, "--directory=%s", acme->directory);
    helper_words_add(words, "--challenge=%s",
                     acme->challenge == CONFIG_ACME_ALPN ? "tls-alpn-01" : "http-01");
    if (acme->checks)
        helper_words_add(words, "--check");
    add_if("eab-kid", acme->eab_kid, words);
    add_if("eab-key-file", acme->eab_key_file, words);
    add_if("ca", acme->ca_file, words);
    helper_words_add(words, "--key=%s", acme->key == CONFIG_ACME_RSA ? "rsa" : "ecdsa");
    add_consul(acme->consul, words);
    helper_words_add(words, "--jail=%s", helper_plan_jail_word(config->jail));
    helper_words_add(words, "--log-level=%s", log_level_word(config->log_level));
    helper_words_add(words, "--log-format=%s", log_format_word(config->log_format));
    set_environment(config, &out->environment);
}
