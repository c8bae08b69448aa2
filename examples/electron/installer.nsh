; electron-builder: "nsis": { "include": "installer.nsh" }.

; Frees this computer's slot while the app's files are still there. An update runs the old uninstaller too, which must not
; give the license back.
!macro freeLicenseSlot
  ${ifNot} ${isUpdated}
    ${if} ${FileExists} "$INSTDIR\${APP_EXECUTABLE_FILENAME}"
      nsExec::Exec /TIMEOUT=5000 '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" --keyslot-deactivate'
      Pop $0
    ${endIf}
  ${endIf}
!macroend

; Runs before any file is removed. A one-click uninstaller is silent by then: it has asked, and removes.
!macro customUnInit
  ${if} ${Silent}
    !insertmacro freeLicenseSlot
  ${endIf}
!macroend

; An assisted uninstaller has still to show its pages, on which a person may cancel. Some versions of electron-builder
; remove the files before this; then only the server's own expiry frees the slot.
!macro customUnInstall
  ${ifNot} ${Silent}
    !insertmacro freeLicenseSlot
  ${endIf}
!macroend
