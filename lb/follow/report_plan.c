#include "lb/follow/report_plan.h"

#include <limits.h>
#include <unistd.h>

bool report_plan_is_wanted(const struct config *config)
{
    return config->report.gelf || config->report.dsn_secret;
}

static const char *compress_word(enum config_compress compress)
{
    static const char *const words[] = {[CONFIG_COMPRESS_GZIP] = "gzip",
                                        [CONFIG_COMPRESS_ZLIB] = "zlib",
                                        [CONFIG_COMPRESS_NONE] = "none"};
    return words[compress];
}

static void add_gelf(const struct config_report *report, struct helper_words *words)
{
    helper_words_add(words, "--gelf=%s", report->gelf);
    helper_words_add(words, "--gelf-compress=%s", compress_word(report->compress));
    if (report->gelf_host)
        helper_words_add(words, "--gelf-host=%s", report->gelf_host);
}

static void add_sentry(const struct config_report *report, const char *release,
                       struct helper_words *words)
{
    char host[HOST_NAME_MAX + 1] = "";
    helper_words_add(words, "--sentry-environment=%s", report->environment);
    helper_words_add(words, "--release=lb@%s", release);
    if (report->sends_queries)
        helper_words_add(words, "--sentry-queries");
    if (report->gelf_host)
        helper_words_add(words, "--server-name=%s", report->gelf_host);
    else if (gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0')
        helper_words_add(words, "--server-name=%s", host);
}

static void set_environment(const struct config *config, struct helper_words *words)
{
    for (size_t i = 0; environ[i]; i++)
        if (helper_plan_passes_on(view_str(environ[i])))
            helper_words_add(words, "%s", environ[i]);
    /* As for lb-discovery: libcurl's parts that are not used take memory. */
    helper_words_set(words, "GNUTLS_NO_IMPLICIT_INIT", "1");
    helper_words_set(words, "LB_SENTRY_DSN", config->report.dsn_secret);
}

void report_plan_describe(const struct config *config, const char *release, struct helper_plan *out)
{
    const struct config_report *report = &config->report;
    *out = (struct helper_plan){0};
    if (!report_plan_is_wanted(config))
        return;
    helper_plan_find("lb-report", out->program);
    if (report->gelf)
        add_gelf(report, &out->arguments);
    if (report->dsn_secret)
        add_sentry(report, release, &out->arguments);
    helper_words_add(&out->arguments, "--jail=%s", helper_plan_jail_word(config->jail));
    helper_words_add(&out->arguments, "--log-level=%s", log_level_word(config->log_level));
    helper_words_add(&out->arguments, "--log-format=%s", log_format_word(config->log_format));
    set_environment(config, &out->environment);
}
