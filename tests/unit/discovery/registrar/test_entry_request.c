#include "discovery/registrar/entry_request.h"

#include "tests/unit/discovery/registrar/fixture_answer.h"

static struct entry *make_entry(const char *id, enum registration_check check)
{
    struct entry *entry = entry_new(id);
    struct text remarks = TEXT_INIT;
    struct registration item = {
        .id = id, .name = "web", .address = "", .container_name = "web1", .check = check};
    struct entry_terms terms = {.owner = "E"};
    entry_want(entry, &item, 1, &terms, "h1", &remarks);
    text_fini(&remarks);
    return entry;
}

static void test_requests(void **state)
{
    static const struct {
        enum entry_step step;
        const char *method, *target, *body;
    } cases[] = {
        {ENTRY_LOOK, "GET", "/v1/agent/service/h1%3Aweb%201%2Fx%3F%C3%A4", ""},
        {ENTRY_REGISTER, "PUT", "/v1/agent/service/register?replace-existing-checks=true",
         "{\"ID\":\"h1:web 1/x?ä\","},
        {ENTRY_UPDATE, "PUT", "/v1/agent/check/update/service%3Ah1%3Aweb%201%2Fx%3F%C3%A4",
         "{\"Status\":\"passing\",\"Output\":\"\"}"},
        {ENTRY_DRAIN, "PUT",
         "/v1/agent/service/maintenance/"
         "h1%3Aweb%201%2Fx%3F%C3%A4?enable=true&reason=lb%3A%20told%20to%20stop",
         ""},
        {ENTRY_RESUME, "PUT",
         "/v1/agent/service/maintenance/h1%3Aweb%201%2Fx%3F%C3%A4?enable=false", ""},
        {ENTRY_DEREGISTER, "PUT", "/v1/agent/service/deregister/h1%3Aweb%201%2Fx%3F%C3%A4", ""},
    };
    struct entry *entry = make_entry("h1:web 1/x?ä", REGISTRATION_CHECK_HEALTH);
    struct entry_request request = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        entry_request_make(entry, cases[i].step, &request);
        assert_string_equal(request.method, cases[i].method);
        assert_string_equal(text_str(&request.target), cases[i].target);
        if (strncmp(text_str(&request.body), cases[i].body, strlen(cases[i].body)) != 0 ||
            (cases[i].body[0] == '\0') != (request.body.len == 0))
            fail_msg("%s", text_str(&request.body));
    }
    entry_request_fini(&request);
    entry_free(entry);
}

/* An agent forgets somebody's maintenance when a service is registered with its checks replaced. */
static void test_maintenance_of_others_stays(void **state)
{
    struct entry *entry = make_entry("a", REGISTRATION_CHECK_NONE);
    struct entry_request request = {0};
    (void)state;
    entry->maintenance = AGENT_LIST_IN_MAINTENANCE;
    entry_request_make(entry, ENTRY_REGISTER, &request);
    assert_string_equal(text_str(&request.target), "/v1/agent/service/register");
    assert_null(strstr(text_str(&request.body), "Status"));
    entry->maintenance = AGENT_LIST_STOPPING;
    entry_request_make(entry, ENTRY_REGISTER, &request);
    assert_string_equal(text_str(&request.target),
                        "/v1/agent/service/register?replace-existing-checks=true");
    entry_request_fini(&request);
    entry_free(entry);
}

static void test_answers_of_a_real_agent(void **state)
{
    static const struct {
        const char *name;
        enum entry_step step;
        enum entry_verdict verdict;
    } cases[] = {
        {"01-register-ttl", ENTRY_REGISTER, ENTRY_DONE},
        {"20-agent-service-one", ENTRY_LOOK, ENTRY_DONE},
        {"34-ttl-update-body", ENTRY_UPDATE, ENTRY_DONE},
        {"35-ttl-update-unknown", ENTRY_UPDATE, ENTRY_UNKNOWN},
        {"36-ttl-update-bad-status", ENTRY_UPDATE, ENTRY_REFUSED},
        {"40-maint-service-on", ENTRY_DRAIN, ENTRY_DONE},
        {"42-maint-service-off", ENTRY_RESUME, ENTRY_DONE},
        {"46-maint-unknown", ENTRY_DRAIN, ENTRY_UNKNOWN},
        {"50-register-unknown-field", ENTRY_REGISTER, ENTRY_REFUSED},
        {"51-register-bad-weights", ENTRY_REGISTER, ENTRY_REFUSED},
        {"52-register-bad-check", ENTRY_REGISTER, ENTRY_REFUSED},
        {"53-register-interval-missing", ENTRY_REGISTER, ENTRY_REFUSED},
        {"54-register-meta-bad", ENTRY_REGISTER, ENTRY_REFUSED},
        {"55-register-meta-long", ENTRY_REGISTER, ENTRY_REFUSED},
        {"56-register-meta-many", ENTRY_REGISTER, ENTRY_REFUSED},
        {"57-register-http-check", ENTRY_REGISTER, ENTRY_DONE},
        {"70-deregister", ENTRY_DEREGISTER, ENTRY_DONE},
        {"71-deregister-again", ENTRY_DEREGISTER, ENTRY_DONE},
        {"72-deregister-urlenc", ENTRY_DEREGISTER, ENTRY_DONE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture_answer answer = fixture_answer_load(cases[i].name);
        if (entry_request_judge(cases[i].step, answer.status, view_str(answer.body)) !=
            cases[i].verdict)
            fail_msg("%s", cases[i].name);
        fixture_answer_fini(&answer);
    }
}

static void test_other_answers(void **state)
{
    (void)state;
    assert_int_equal(entry_request_judge(ENTRY_REGISTER, 0, VIEW("")), ENTRY_LOST);
    assert_int_equal(entry_request_judge(ENTRY_DEREGISTER, 404, VIEW("Unknown service ID \"a\"")),
                     ENTRY_DONE);
    assert_int_equal(entry_request_judge(ENTRY_DEREGISTER, 500, VIEW("Unknown service ID \"a\"")),
                     ENTRY_DONE);
    assert_int_equal(entry_request_judge(ENTRY_DEREGISTER, 500, VIEW("No cluster leader")),
                     ENTRY_REFUSED);
    assert_int_equal(entry_request_judge(ENTRY_DEREGISTER, 403, VIEW("Permission denied")),
                     ENTRY_DENIED);
    assert_int_equal(entry_request_judge(ENTRY_LOOK, 401, VIEW("")), ENTRY_DENIED);
    assert_int_equal(entry_request_judge(ENTRY_UPDATE, 404, VIEW("Unknown check ID \"a\"")),
                     ENTRY_UNKNOWN);
    assert_int_equal(entry_request_judge(ENTRY_UPDATE, 500, VIEW("")), ENTRY_REFUSED);
    assert_int_equal(entry_request_judge(ENTRY_LOOK, 404, VIEW("unknown service ID: a")),
                     ENTRY_UNKNOWN);
    assert_int_equal(entry_request_judge(ENTRY_REGISTER, 404, VIEW("no such page")), ENTRY_REFUSED);
    assert_int_equal(entry_request_judge(ENTRY_REGISTER, 429, VIEW("")), ENTRY_REFUSED);
    assert_int_equal(entry_request_judge(ENTRY_REGISTER, 301, VIEW("")), ENTRY_REFUSED);
}

static void assert_explained(int status, const char *body, const char *what, const char *remedy)
{
    struct entry *entry = make_entry("h1:web1:80", REGISTRATION_CHECK_NONE);
    entry->step = ENTRY_REGISTER;
    char *sentence = entry_request_explain(entry, true, status, view_str(body));
    if (!strstr(sentence, "register h1:web1:80 (container web1)") || !strstr(sentence, what) ||
        !strstr(sentence, remedy))
        fail_msg("%s", sentence);
    free(sentence);
    entry_free(entry);
}

static void expect_told(struct entry *entry, enum entry_step step, const char *sentence)
{
    entry->step = step;
    char *told = entry_request_tell(entry);
    if (sentence)
        assert_string_equal(told, sentence);
    else
        assert_null(told);
    free(told);
}

static void test_what_is_told_of_a_change(void **state)
{
    struct entry *entry = make_entry("h1:web1:80", REGISTRATION_CHECK_NONE);
    (void)state;
    expect_told(entry, ENTRY_REGISTER,
                "Consul: h1:web1:80 (container web1) is registered: service web, at port 0 of the "
                "agent's node");
    json_object_set_new(entry->wanted->body, "Address", json_string("10.0.0.1"));
    expect_told(entry, ENTRY_REGISTER,
                "Consul: h1:web1:80 (container web1) is registered: service web, at port 0 of "
                "10.0.0.1");
    expect_told(entry, ENTRY_UPDATE, NULL);
    expect_told(entry, ENTRY_LOOK, NULL);
    entry_want(entry, NULL, 0, &(struct entry_terms){.owner = "E"}, "h1", &(struct text){0});
    expect_told(entry, ENTRY_REGISTER, NULL);
    expect_told(entry, ENTRY_DEREGISTER,
                "Consul: h1:web1:80 is removed: nothing that runs here asks for it");
    entry_free(entry);
}

static void test_sentences(void **state)
{
    (void)state;
    assert_explained(403, "Permission denied: Missing service:write on web",
                     "status 403, Permission denied: Missing service:write on web",
                     "service \"web\" { policy = \"write\" }");
    assert_explained(403, "ACL not found", "ACL not found", "CONSUL_HTTP_TOKEN_FILE");
    assert_explained(400, "Invalid check: \n TTL must be > 0",
                     "status 400, Invalid check: TTL must be > 0.", "SERVICE_*");
    assert_explained(500, "", "status 500.", "consul monitor");
    assert_explained(429, "", "status 429.", "in a moment");
    assert_explained(0, "no answer came in time", ": no answer came in time.", "consul monitor");
    struct entry *entry = make_entry("x", REGISTRATION_CHECK_NONE);
    char *sentence = entry_request_explain(entry, false, 403, view_str("Permission denied"));
    assert_non_null(strstr(sentence, "No token was given (CONSUL_HTTP_TOKEN"));
    assert_null(strstr(sentence, "lacks a right"));
    free(sentence);
    sentence = entry_request_explain_foreign(entry);
    assert_non_null(strstr(sentence, "x (container web1) is not registered"));
    free(sentence);
    entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_maintenance_of_others_stays),
        cmocka_unit_test(test_answers_of_a_real_agent),
        cmocka_unit_test(test_other_answers),
        cmocka_unit_test(test_what_is_told_of_a_change),
        cmocka_unit_test(test_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
