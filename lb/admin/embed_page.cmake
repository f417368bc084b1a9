# cmake -DPAGE=page.html -DFOLDER=. -DPARTS=a.js,b.js -DSCRIPT=page.js -DOUT=page_html.c -P embed_page.cmake
# Writes the page, with its script in it, in two parts, as a C array, with the Content-Security-Policy that lets its
# own script and style run and no others (W3C CSP 3 § 2.3.1: hash sources).
cmake_minimum_required(VERSION 3.25)
set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

# SHA-256 of what stands between <tag> and </tag>, in base64: 32 bytes are ten groups of three and
# one of two.
function(hash_of tag out)
    string(FIND "${page}" "<${tag}>" begin)
    string(FIND "${page}" "</${tag}>" end)
    string(LENGTH "<${tag}>" tag_length)
    if(begin LESS 0 OR end LESS begin)
        message(FATAL_ERROR "${PAGE} has no <${tag}>")
    endif()
    math(EXPR begin "${begin} + ${tag_length}")
    math(EXPR length "${end} - ${begin}")
    string(SUBSTRING "${page}" ${begin} ${length} content)
    string(SHA256 hex "${content}")
    set(text "")
    foreach(group RANGE 10)
        math(EXPR at "${group} * 6")
        string(SUBSTRING "${hex}00" ${at} 6 three)
        foreach(shift 18 12 6 0)
            math(EXPR index "(0x${three} >> ${shift}) & 63")
            string(SUBSTRING "${alphabet}" ${index} 1 character)
            string(APPEND text "${character}")
        endforeach()
    endforeach()
    string(SUBSTRING "${text}" 0 43 text)
    set(${out} "'sha256-${text}='" PARENT_SCOPE)
endfunction()

file(READ "${PAGE}" page)
string(REPLACE "," ";" PARTS "${PARTS}")
set(parts "")
foreach(name ${PARTS})
    file(READ "${FOLDER}/${name}" part)
    string(APPEND parts "${part}")
endforeach()
file(READ "${SCRIPT}" script)
string(REPLACE "<script></script>" "<script>\n${script}${parts}run();\n</script>" page "${page}")
string(HEX "${page}" bytes)
hash_of(script script)
hash_of(style style)
string(LENGTH "${bytes}" length)
math(EXPR length "${length} / 2")
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE "${OUT}" "#include \"lb/admin/page_html.h\"

const char page_html_bytes[] = {
${bytes}
};
const size_t page_html_len = ${length};
const char page_html_policy[] =
    \"default-src 'none'; script-src ${script}; style-src ${style}; connect-src 'self'; \"
    \"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \"
    \"require-trusted-types-for 'script'; trusted-types 'none'\";
")
