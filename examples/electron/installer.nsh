; electron-builder: "nsis": { "include": "installer.nsh" }.
; customUnInit runs before any file is removed (customUnInstall would run after most of them are gone, so that the app
; could not be started), and an update runs the old uninstaller too, which must not give the license back.
!macro customUnInit
  ${ifNot} ${isUpdated}
    nsExec::Exec '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" --keyslot-deactivate'
    Pop $0
  ${endIf}
!macroend
