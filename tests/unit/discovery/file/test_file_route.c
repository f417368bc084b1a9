/* The routes of a file, as lines have them. */
#include "discovery/file/file.h"

#include <jansson.h>
#include <string.h>

#include "lb/base/json_writer.h"
#include "lb/contract/route_write.h"
#include "tests/unit/discovery/cmocka_all.h"

static struct file *parse(const char *route, struct text *problem)
{
    struct text text = TEXT_INIT;
    for (text_appendf(&text, "{\"routes\":[%s]}", route); memchr(text.bytes, '\'', text.len);)
        *(char *)memchr(text.bytes, '\'', text.len) = '"';
    struct file *file = file_parse(text_view(&text), true, problem);
    text_fini(&text);
    return file;
}

/* Host, path and all else, without what is the same for all of a file. */
static void write_routes(const struct file *file, struct text *out)
{
    struct set set = {0};
    struct json_writer writer;
    file_collect(file, &set);
    for (size_t i = 0; i < set.route_count; i++) {
        assert_true(view_eq(set.routes[i].dialect, VIEW("file")));
        assert_int_equal(set.routes[i].container.len, 0);
        set.routes[i].dialect = set.routes[i].label = VIEW("");
        json_writer_init(&writer, out);
        route_write(&set.routes[i], &writer);
    }
    set_fini(&set);
    for (char *at = out->bytes; at && *at; at++)
        *at = *at == '"' ? '\'' : *at;
}

static void check(const char *route, const char *expected, const char *remark)
{
    struct text problem = TEXT_INIT, got = TEXT_INIT;
    struct file *file = parse(route, &problem);
    if (!file)
        fail_msg("%s: %s", route, text_str(&problem));
    write_routes(file, &got);
    if (strcmp(text_str(&got), expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s", route, text_str(&got), expected);
    if (remark ? !strstr(file_remarks(file), remark) : file_remarks(file)[0] != '\0')
        fail_msg("%s: remarked: %s", route, file_remarks(file));
    file_free(file);
    text_fini(&problem);
    text_fini(&got);
}

static void refuse(const char *route, const char *expected)
{
    struct text problem = TEXT_INIT;
    if (parse(route, &problem))
        fail_msg("%s is taken", route);
    if (!strstr(text_str(&problem), expected))
        fail_msg("%s: %s\nexpected: %s", route, text_str(&problem), expected);
    text_fini(&problem);
}

#define TO(text) "'service':'s'" text

static void test_hosts_and_paths(void **state)
{
    (void)state;
    check("{'host':'a.test'," TO("}"), "{'host':'a.test'," TO("}"), NULL);
    check("{'host':'*'," TO("}"), "{'host':'*'," TO("}"), NULL);
    check("{" TO("}"), "{" TO("}"), NULL);
    check("{'host':'a.test, *.b.test'," TO("}"),
          "{'host':'a.test'," TO("}") "{'host':'*.b.test'," TO("}"), NULL);
    check("{'host':['a.test','b.test'],'path':['/x','/y']," TO("}"),
          "{'host':'a.test','path':'/x'," TO("}") "{'host':'b.test','path':'/x'," TO(
              "}") "{'host':'a.test','path':'/y'," TO("}") "{'host':'b.test','path':'/y'," TO("}"),
          NULL);
    check("{'host_regex':'^a,b','path_exact':'/x,y'," TO("}"),
          "{'host_regex':'^a,b','path_exact':'/x,y'," TO("}"), NULL);
    check("{'host':'a.test','path':'/x','path_regex':'y$'," TO("}"),
          "{'host':'a.test','path':'/x','conditions':[{'kind':'path_regex','value':'y$'}]," TO("}"),
          NULL);
}

static void test_conditions(void **state)
{
    (void)state;
    check("{'method':'GET','client':'10.0.0.0/8'," TO("}"),
          "{'conditions':[{'kind':'method','value':'GET'},"
          "{'kind':'client','value':'10.0.0.0/8'}]," TO("}"),
          NULL);
    check("{'header':{'X-A':'1','X-B':''},'query':{'q':['1','2']}," TO("}"),
          "{'conditions':[{'kind':'header','name':'X-A','value':'1'},"
          "{'kind':'header','name':'X-B','value':''},{'kind':'query','name':'q','value':'1'}]," TO(
              "}") "{'conditions':[{'kind':'header','name':'X-A','value':'1'},"
                   "{'kind':'header','name':'X-B','value':''},"
                   "{'kind':'query','name':'q','value':'2'}]," TO("}"),
          NULL);
    check("{'host':'a','not':{'method':'GET,HEAD','path':'/x'}," TO("}"),
          "{'host':'a','conditions':[{'kind':'path','value':'/x','not':true},"
          "{'kind':'method','value':'GET','not':true},"
          "{'kind':'method','value':'HEAD','not':true}]," TO("}"),
          NULL);
    check("{'conditions':[{'kind':'host','value':'a'},{'kind':'query','name':'q','value':'1',"
          "'not':true}]," TO("}"),
          "{'host':'a','conditions':[{'kind':'query','name':'q','value':'1','not':true}]," TO("}"),
          NULL);
}

static void test_what_is_done(void **state)
{
    (void)state;
    check("{'path':'/api','strip':true," TO("}"), "{'path':'/api'," TO(",'strip':'/api'}"), NULL);
    check("{'path':['/a','/b'],'strip':true," TO("}"),
          "{'path':'/a'," TO(",'strip':'/a'}") "{'path':'/b'," TO(",'strip':'/b'}"), NULL);
    check("{'path':'/api','strip':false," TO("}"), "{'path':'/api'," TO("}"), NULL);
    check("{'path':'/api/v1','strip':'/api','add':'/x'," TO("}"),
          "{'path':'/api/v1'," TO(",'strip':'/api','add':'/x'}"), NULL);
    check("{'host':'a','priority':-7," TO("}"), "{'host':'a','priority':-7," TO("}"), NULL);
    check("{'host':'a','answer':404}", "{'host':'a','answer':404}", NULL);
}

/* It may have asked for a protection; the less specific route must not get its requests either. */
#define CLOSED                                                                                     \
    ",'answer':503,'why':'it asks for something by a word that is not known, and nothing is "      \
    "served without it'}"

static void test_a_route_with_an_unknown_word_serves_nobody(void **state)
{
    (void)state;
    check("{'host':'a','clinet':'10.0.0.0/8','path':'/x','strip':true," TO("},{'host':'b',")
              TO("}"),
          "{'host':'a','path':'/x'," TO(CLOSED) "{'host':'b'," TO("}"),
          "routes[0].clinet: this word is not known (did you mean client?); a protection may be");
    check("{'host':'a','servce':'s'}", "{'host':'a'" CLOSED, "did you mean service?");
    check("{'host':'a','not':{'methd':'GET'}," TO("}"), "{'host':'a'," TO(CLOSED),
          "routes[0].not.methd");
    check("{'host':'a','conditions':[{'kind':'tls','value':'1'}]," TO("}"),
          "{'host':'a'," TO(CLOSED), "conditions[0].kind: this kind is not known");
    check("{'host':'a','conditions':[{'kind':'path','value':'/x','noot':true}]," TO("}"),
          "{'host':'a','path':'/x'," TO(CLOSED), "did you mean not?");
    /* Without a host it might take everybody's requests. */
    check("{'hosts':'a','path':'/x'," TO("},{'host':'b',") TO("}"), "{'host':'b'," TO("}"),
          "did you mean host?");
    check("{'not':{'host':'a'},'x':1," TO("}"), "", "routes[0].x");
}

static void test_refusals(void **state)
{
    static const struct {
        const char *route, *problem;
    } cases[] = {
        {"1", "routes[0]: an object"},
        {"{'host':'a'}", "routes[0].service: it is missing"},
        {"{'host':1," TO("}"), "routes[0].host: a string, or an array"},
        {"{'host':[]," TO("}"), "routes[0].host: it is empty"},
        {"{'host':''," TO("}"), "routes[0].host: it is empty"},
        {"{'host':'a,,b'," TO("}"), "routes[0].host: it is empty"},
        {"{'host':['a','b c']," TO("}"), "line 1, column 25: routes[0].host[1]: host 'b c' has"},
        {"{'host':'~^a'," TO("}"), "as host_regex"},
        {"{'path':'~^a'," TO("}"), "as path_regex"},
        {"{'path':'x'," TO("}"), "routes[0].path: path 'x' does not begin with /"},
        {"{'path_regex':'('," TO("}"), "routes[0].path_regex: path_regex '(' is no regex"},
        {"{'method':'A B'," TO("}"), "routes[0].method: method"},
        {"{'client':'home'," TO("}"), "routes[0].client: client"},
        {"{'header':'x'," TO("}"), "routes[0].header: an object"},
        {"{'header':{'a b':'x'}," TO("}"), "routes[0].header.a b: header"},
        {"{'header':{'a':1}," TO("}"), "routes[0].header.a: a string"},
        {"{'not':1," TO("}"), "routes[0].not: an object"},
        {"{'not':{'client':'x'}," TO("}"), "routes[0].not.client: client"},
        {"{'conditions':{}," TO("}"), "routes[0].conditions: an array"},
        {"{'conditions':[{'kind':'host'}]," TO("}"), "routes[0].conditions[0]: an object"},
        {"{'conditions':[{'kind':'host','value':'a b'}]," TO("}"), "conditions[0]: host 'a b'"},
        {"{'strip':true," TO("}"), "routes[0].strip: true needs a path"},
        {"{'path_regex':'x','strip':true," TO("}"), "routes[0].strip: true needs a path"},
        {"{'strip':1," TO("}"), "routes[0].strip: true, false, or the path"},
        {"{'strip':'x'," TO("}"), "routes[0].strip: true, false, or the path"},
        {"{'add':1," TO("}"), "routes[0].add: a path"},
        {"{'add':'x'," TO("}"), "routes[0]: add 'x' does not"},
        {"{'answer':200}", "routes[0].answer: 403, 404 or 503"},
        {"{'service':''}", "routes[0].service: a string of 1"},
        {"{'priority':'1'," TO("}"), "routes[0].priority: a number"},
        {"{'priority':2000000000," TO("}"), "routes[0].priority: a number"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text expected = TEXT_INIT;
        text_append_str(&expected, cases[i].problem);
        for (char *at = expected.bytes; *at; at++)
            *at = *at == '\'' ? '"' : *at;
        refuse(cases[i].route, text_str(&expected));
        text_fini(&expected);
    }
}

static void append_many(struct text *text, const char *key, const char *format, unsigned count)
{
    text_appendf(text, "'%s':[", key);
    for (unsigned i = 0; i < count; i++) {
        text_append_str(text, i > 0 ? "," : "");
        text_appendf(text, "'%s%u'", format, i);
    }
    text_append_str(text, "],");
}

static void test_routes_are_bounded(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    text_append_str(&text, "{");
    append_many(&text, "host", "h", 256);
    append_many(&text, "path", "/p", 257);
    text_append_str(&text, TO("}"));
    refuse(text_str(&text), "routes[0]: at most 65536 routes");
    text_clear(&text);
    text_append_str(&text, "{'not':{");
    append_many(&text, "path", "/p", 33);
    text_append_str(&text, "'method':'A'}," TO("}"));
    refuse(text_str(&text), "routes[0].not.path[32]: at most 32 conditions");
    text_fini(&text);
}

static void test_options_stand_in_the_route_or_beside(void **state)
{
    (void)state;
    check("{'access-log':'off','rate':'10/s'," TO("}"),
          "{" TO(",'options':{'rate':'10/s','access-log':'off'}}"), NULL);
    check("{'rate':'10/s','options':{'access-log':false,'retries':2}," TO("}"),
          "{" TO(",'options':{'rate':'10/s','retries':'2','access-log':'off'}}"), NULL);
    check("{'host':['a','b'],'allow':'::1'," TO("}"),
          "{'host':'a'," TO(",'options':{'allow':'::1'}}") "{'host':'b'," TO(
              ",'options':{'allow':'::1'}}"),
          NULL);
    refuse("{'rate':'10/s','options':{'rate':'1/s'}," TO("}"),
           "routes[0].rate: it stands in options as well; give one of them");
    refuse("{'rate':'a\\u0001'," TO("}"),
           "routes[0].rate: rate \"a\\x01\" has a control character");
    refuse("{'options':{'auth':'u:\\u0001'}," TO("}"),
           "routes[0].options.auth: auth has a control");
    refuse("{'rate':['1/s']," TO("}"),
           "routes[0].rate: a string, a number, true or false is needed");
    refuse("{'rate':''," TO("}"), "routes[0].rate: rate \"\" is empty");
    refuse("{'options':[]," TO("}"), "routes[0].options: an object is needed");
}

static void test_route_with_an_unknown_option_serves_nobody(void **state)
{
    (void)state;
    check("{'host':'a','rates':'1/s','allow':'::1'," TO("}"),
          "{'host':'a','service':'s','answer':503,'why':'it asks for something by a word that is "
          "not known, and nothing is served without it'}",
          "routes[0].rates: this word is not known (did you mean rate?)");
    check("{'host':'a','options':{'rates':'1/s','allow':'::1'}," TO("}"),
          "{'host':'a','service':'s','answer':503,'why':'it asks for something by a word that is "
          "not known, and nothing is served without it'}",
          "routes[0].options.rates: this word is not known (did you mean rate?); a protection");
    check("{'options':{'rates':'1/s'}," TO("}"), "", "did you mean rate?");
}

static void test_shares(void **state)
{
    (void)state;
    check("{'shares':[{'service':'a','weight':5},{'service':'b','weight':0}]," TO("}"),
          "{" TO(",'shares':[{'service':'a','weight':5},{'service':'b','weight':0}]}"), NULL);
    check("{'shares':[{'service':'a','weight':5}]}",
          "{'service':'a','shares':[{'service':'a','weight':5}]}", NULL);
    refuse("{'shares':[{'service':'a'}]," TO("}"),
           "routes[0].shares[0]: a service and a weight from 0 to 1000000 are needed");
    refuse("{'shares':[]," TO("}"), "routes[0].shares: an array of 1 to 16 is needed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_stand_in_the_route_or_beside),
        cmocka_unit_test(test_route_with_an_unknown_option_serves_nobody),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_hosts_and_paths),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_what_is_done),
        cmocka_unit_test(test_a_route_with_an_unknown_word_serves_nobody),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_routes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
