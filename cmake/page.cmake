# The page of `hasten serve` (web/), built by npm's packages into one C++ file of the build folder. `./dev build` fetches the
# packages; a build never asks the network. Without them, or without Node.js 18, hasten is built without its page, and says so
# where the page would be.
set(web ${PROJECT_SOURCE_DIR}/web)
set(page_assets ${PROJECT_SOURCE_DIR}/serve/page_absent.cc.in)
find_program(HASTEN_NODE NAMES node nodejs)
# Found again as soon as `npm ci` has run: a changed list of files configures anew.
file(GLOB page_packages CONFIGURE_DEPENDS ${web}/node_modules/.package-lock.json)
if(HASTEN_NODE AND page_packages)
  execute_process(COMMAND ${HASTEN_NODE} -p "Number(process.versions.node.split('.')[0]) >= 18"
    OUTPUT_VARIABLE node_serves OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(node_serves STREQUAL "true")
  file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*)
  set(page_assets ${PROJECT_BINARY_DIR}/page_assets.cc)
  add_custom_command(OUTPUT ${page_assets}
    COMMAND ${HASTEN_NODE} ${web}/build.mjs ${PROJECT_BINARY_DIR}/page ${page_assets}
    DEPENDS ${page_sources} ${page_packages} ${web}/index.html ${web}/build.mjs ${web}/vite.config.mjs ${web}/tsconfig.json
    COMMENT "Building the page")
else()
  message(STATUS "the page is left out: it needs Node.js 18 and the packages that ./dev build fetches with npm")
  configure_file(${page_assets} ${PROJECT_BINARY_DIR}/page_absent.cc COPYONLY)
  set(page_assets ${PROJECT_BINARY_DIR}/page_absent.cc)
endif()
target_sources(hasten_serve PRIVATE ${page_assets})
