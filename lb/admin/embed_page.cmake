# cmake -DFOLDER=page -DPARTS=a.js,b.js -DOUT=page_html.c -P embed_page.cmake
# Joins page.html, page.css and the scripts, in the order that is told, and writes them in two parts, as a C array, with
# the Content-Security-Policy that lets this script and style run and no others (W3C CSP 3 § 2.3.1: hash sources).
# What only readers of the source need, comments and blanks around lines and signs, is left out. Beside OUT
# the page is written as a file, to be looked at and measured (tests/lint/page_size.py).
cmake_minimum_required(VERSION 3.25)
set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

# SHA-256 of what stands between <tag> and </tag>, in base64: 32 bytes are ten groups of three and
# one of two.
function(hash_of tag out)
    string(FIND "${page}" "<${tag}>" begin)
    string(FIND "${page}" "</${tag}>" end)
    string(LENGTH "<${tag}>" tag_length)
    if(begin LESS 0 OR end LESS begin)
        message(FATAL_ERROR "page.html has no <${tag}>")
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

function(squeeze out)
    set(text "\n${${out}}")
    string(REGEX REPLACE "(\n *| +)// [^\n]*" "" text "${text}")
    string(REGEX REPLACE "\n[ \n]+" "\n" text "${text}")
    foreach(sign ${ARGN})
        string(REPLACE " ${sign} " "${sign}" text "${text}")
    endforeach()
    string(REGEX REPLACE "([[({},;=>&|+?:])\n" "\\1" text "${text}")
    string(REGEX REPLACE "\n([])}?:])" "\\1" text "${text}")
    string(REGEX REPLACE "(if|for) \\(" "\\1(" text "${text}")
    string(REPLACE ") {" "){" text "${text}")
    string(REPLACE ";}" "}" text "${text}")
    set(${out} "${text}" PARENT_SCOPE)
endfunction()

file(READ "${FOLDER}/page.html" page)
file(READ "${FOLDER}/page.css" style)
string(REPLACE "," ";" PARTS "${PARTS}")
set(script "")
foreach(name ${PARTS})
    file(READ "${FOLDER}/${name}" part)
    string(APPEND script "${part}")
endforeach()
squeeze(script = == === !== => && || ?? ??= += < > <= >= ? : + - * /)
squeeze(style >)
string(REGEX REPLACE " ?([{:;,]) " "\\1" style "${style}")
string(REPLACE " {" "{" style "${style}")
string(REPLACE ";}" "}" style "${style}")
string(REPLACE "<style></style>" "<style>${style}</style>" page "${page}")
string(REPLACE "<script></script>" "<script>${script}</script>" page "${page}")
string(REGEX REPLACE "\n[ \n]+" "\n" page "${page}")
file(WRITE "${OUT}.html" "${page}")
hash_of(script script)
hash_of(style style)

# "'\x1f','\x8b',…" of the bytes that are given in hexadecimal.
function(array_of hex out)
    string(LENGTH "${hex}" length)
    math(EXPR length "${length} / 2")
    string(REGEX REPLACE "(................................)" "\\1\n" text "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," text "${text}")
    set(${out} "${text}" PARENT_SCOPE)
    set(${out}_length ${length} PARENT_SCOPE)
endfunction()

# The same as gzip has it (RFC 1952), without the time in its head, so that the same page is the same bytes.
file(ARCHIVE_CREATE OUTPUT "${OUT}.html.gz" PATHS "${OUT}.html" FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
file(READ "${OUT}.html.gz" packed HEX)
string(SUBSTRING "${packed}" 0 8 head)
string(SUBSTRING "${packed}" 16 -1 packed)
set(packed "${head}00000000${packed}")
array_of("${packed}" packed)
string(HEX "${page}" plain)
array_of("${plain}" plain)
file(WRITE "${OUT}" "#include \"lb/admin/page_html.h\"

const char page_html_bytes[] = {
${plain}
};
const size_t page_html_len = ${plain_length};
const char page_html_packed_bytes[] = {
${packed}
};
const size_t page_html_packed_len = ${packed_length};
const char page_html_policy[] =
    \"default-src 'none'; script-src ${script}; style-src ${style}; connect-src 'self'; \"
    \"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \"
    \"require-trusted-types-for 'script'; trusted-types 'none'\";
")
