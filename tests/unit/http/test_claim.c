/* Which field names claim something about the client, in whatever spelling. */
#include "lb/http/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void check(enum claim want, const char *const *names)
{
    for (; *names; names++)
        if (claim_of(view_str(*names)) != want)
            fail_msg("%s is %d and not %d", *names, claim_of(view_str(*names)), want);
}

static void test_plain(void **state)
{
    (void)state;
    check(CLAIM_PLAIN, (const char *const[]){"X-Forwarded-Port",
                                             "X-FORWARDED-Scheme",
                                             "X-Forwarded-Prefix",
                                             "X-Forwarded-Server",
                                             "X-Forwarded-User",
                                             "X-Forwarded-Protocol",
                                             "X-Forwarded-Uri",
                                             "X-Forwarded-Method",
                                             "X-Forwarded",
                                             "X-Forwarded-Whatever-Comes",
                                             "X-Scheme",
                                             "X-Url-Scheme",
                                             "Front-End-Https",
                                             "X-Client-IP",
                                             "True-Client-IP",
                                             "CF-Connecting-IP",
                                             "Client-IP",
                                             "X-Real-IP",
                                             "Forwarded-For",
                                             "CF-Visitor",
                                             "Cloudfront-Forwarded-Proto",
                                             "Fastly-Client-IP",
                                             "Fly-Client-IP",
                                             "Proxy-Client-IP",
                                             "WL-Proxy-Client-IP",
                                             "Remote-User",
                                             "X-Remote-User",
                                             "X-Original-URL",
                                             "X-Rewrite-URL",
                                             NULL});
}

static void test_alias(void **state)
{
    (void)state;
    check(CLAIM_ALIAS,
          (const char *const[]){"X_Forwarded_Proto", "x-forwarded_for", "X_FORWARDED-HOST",
                                "X.Forwarded.Proto", "X-Real_IP", "x_real_ip", "X~Real~IP",
                                "Front_End-Https", "x_scheme", "X_Forwarded_User", "True.Client-IP",
                                "X_Request_Id", "X-Request_Id", "X-Forwarded-A_B", "remote_user",
                                "WL_Proxy-Client-IP", "X_Original_URL", NULL});
}

static void test_own(void **state)
{
    (void)state;
    check(CLAIM_OWN, (const char *const[]){
                         "X-Forwarded-Ssl", "x_forwarded_ssl", "X-SSL-Client-Verify",
                         "x-ssl_client-s-dn", "X_SSL_CLIENT_FINGERPRINT", "X-SSL-Client-Whatever",
                         "Client-Cert", "client_cert", "CLIENT-CERT-CHAIN", "Client.Cert", NULL});
}

static void test_none(void **state)
{
    (void)state;
    check(CLAIM_NONE, (const char *const[]){"Host",
                                            "Cookie",
                                            "X-Forward",
                                            "X-Forwardex-For",
                                            "X-Real-IPs",
                                            "X",
                                            "x_api_key",
                                            "Content_Type",
                                            "Transfer_Encoding",
                                            "Content-Length",
                                            "Via",
                                            "X-Request-Id",
                                            "Forwarded-By-Me",
                                            "XForwardedFor",
                                            "X-Realm",
                                            "Traceparent",
                                            "api_key",
                                            "_",
                                            "Proxy-Authorization",
                                            "Referer",
                                            "Range",
                                            "Pragma",
                                            "WWW-Authenticate",
                                            "Remote",
                                            NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_alias),
                                       cmocka_unit_test(test_own), cmocka_unit_test(test_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
