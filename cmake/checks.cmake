# An include that points up, a file or a function that grew too long fails the build, not just `./dev lint`.
find_program(HASTEN_PYTHON python3)
if(HASTEN_PYTHON)
  get_property(folders GLOBAL PROPERTY hasten_folders)
  set(patterns lint/*.py)
  foreach(folder IN LISTS folders ITEMS cli tests bench)
    list(APPEND patterns ${folder}/*.cc ${folder}/*.h ${folder}/*.inl)
  endforeach()
  file(GLOB_RECURSE checked CONFIGURE_DEPENDS ${patterns})
  add_custom_command(OUTPUT checked.stamp
    COMMAND ${HASTEN_PYTHON} ${PROJECT_SOURCE_DIR}/lint/run.py layers sizes
    COMMAND ${CMAKE_COMMAND} -E touch checked.stamp
    DEPENDS ${checked} ${PROJECT_SOURCE_DIR}/CMakeLists.txt COMMENT "Checking layers and sizes")
  add_custom_target(hasten_checks ALL DEPENDS checked.stamp)
else()
  message(STATUS "no python3: layers and sizes are not checked")
endif()
