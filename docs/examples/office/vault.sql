CREATE DATABASE office_vault OWNER kiosk;
